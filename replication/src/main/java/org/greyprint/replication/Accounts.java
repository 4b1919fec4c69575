// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The accounts a dump of the schemas does not carry: compared, and made on the new master. */
final class Accounts {
  private static final Set<String> OWN =
      Set.of("mariadb.sys", "mysql.sys", "mysql.session", "mysql.infoschema");
  private static final String PUBLIC = "'PUBLIC'";
  private static final Pattern PLUGIN =
      Pattern.compile("(?i)IDENTIFIED (?:VIA|WITH) [`']?([a-z0-9_]+)");

  private final Server from;
  private final Server to;

  Accounts(Server from, Server to) {
    this.from = from;
    this.to = to;
  }

  /** The accounts and roles of a server that are not its own, quoted as statements need them. */
  private static Set<String> of(Server server, boolean roles) {
    Set<String> names = new TreeSet<>();
    String roleColumn = server.version().mariaDb() ? ", is_role" : "";
    server
        .link()
        .rows("SELECT User, Host" + roleColumn + " FROM mysql.user")
        .forEach(row -> {
          boolean role = row.get("is_role").equals("Y");
          if (role == roles && !OWN.contains(row.get("User"))) {
            names.add(
                role
                    ? Sql.quote(row.get("User"))
                    : Sql.quote(row.get("User")) + "@" + Sql.quote(row.get("Host")));
          }
        });
    return names;
  }

  /** What is missing on the new master. */
  List<String> missing() {
    Set<String> missing = of(from, false);
    missing.removeAll(of(to, false));
    missing.removeIf(account -> create(from, account).isEmpty());
    return List.copyOf(missing);
  }

  /** Accounts that both have with another password or plugin, and plugins the new one lacks. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    Set<String> present = of(to, false);
    Set<String> plugins = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    to.link()
        .rows(
            "SELECT PLUGIN_NAME FROM information_schema.PLUGINS"
                + " WHERE PLUGIN_TYPE='AUTHENTICATION' AND PLUGIN_STATUS='ACTIVE'")
        .forEach(row -> plugins.add(row.get("PLUGIN_NAME")));
    for (String account : of(from, false)) {
      String here = create(from, account);
      if (here.isEmpty()) {
        continue;
      }
      if (present.contains(account)) {
        if (!own(account) && !here.equals(create(to, account))) {
          findings.add(
              Finding.refuse(
                  to.address(),
                  "the account " + account + " is not the same as on " + from.address().place(),
                  "make it the same, or drop it there: it is then carried over"));
        }
        continue;
      }
      Matcher plugin = PLUGIN.matcher(here);
      while (plugin.find()) {
        if (!plugins.contains(plugin.group(1))) {
          findings.add(
              Finding.refuse(
                  to.address(),
                  "the account "
                      + account
                      + " logs in by the plugin "
                      + plugin.group(1)
                      + ", which is not there",
                  "INSTALL SONAME 'auth_"
                      + plugin.group(1).toLowerCase(Locale.ROOT)
                      + "', or change the account"));
        }
      }
    }
    return findings;
  }

  /** How to make it; "" where the account sleeps: a host name under skip-name-resolve. */
  private static String create(Server server, String account) {
    try {
      if (!server.version().mariaDb() && server.version().atLeast(8, 0, 17)) {
        // Hashes of caching_sha2_password are bytes that no text carries safely.
        server.link().run("SET SESSION print_identified_with_as_hex=1");
      }
      return server.link().value("SHOW CREATE USER " + account);
    } catch (DatabaseError e) {
      if (e.code() == 1133) {
        return "";
      }
      throw e;
    }
  }

  /**
   * Makes what is missing, and gives what is granted, without a trace in the binary log. Grants are
   * given again to accounts that are there already: an earlier run may have ended between the two.
   */
  void carry() {
    try (Link link = to.open(java.time.Duration.ofMinutes(2))) {
      link.run("SET sql_log_bin=0");
      Set<String> roles = of(from, true);
      Set<String> rolesThere = of(to, true);
      for (String role : roles) {
        if (!rolesThere.contains(role) && !role.equals(PUBLIC)) {
          link.run("CREATE ROLE " + role);
        }
      }
      for (String account : missing()) {
        link.run(Sql.of(create(from, account)));
      }
      roles.forEach(role -> grants(link, role));
      for (String account : of(from, false)) {
        if (!own(account) && !create(from, account).isEmpty()) {
          grants(link, account);
        }
      }
    }
  }

  /** The accounts that work on the new host as it is, and are left as they are. */
  private boolean own(String account) {
    return account.startsWith(Sql.quote("root") + "@")
        || account.startsWith(Sql.quote(to.address().user()) + "@");
  }

  private void grants(Link link, String account) {
    for (Row row : from.link().rows("SHOW GRANTS FOR " + unquotedPublic(account))) {
      link.run(Sql.of(row.columns().values().iterator().next()));
    }
  }

  /** PUBLIC (MariaDB 10.11) is a word of its own, not a name. */
  private static String unquotedPublic(String role) {
    return role.equals(PUBLIC) ? "PUBLIC" : role;
  }
}

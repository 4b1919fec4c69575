// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether the account logged in with may do what the move needs, from {@code SHOW GRANTS}. */
final class Privileges {
  private static final Pattern GLOBAL =
      Pattern.compile("GRANT (.*?) ON \\*\\.\\* TO .*", Pattern.CASE_INSENSITIVE);

  private Privileges() {}

  /** What is missing; alternatives are joined by "or". */
  static List<String> missing(Server server) {
    Set<String> granted = new LinkedHashSet<>();
    for (Row row : server.link().rows("SHOW GRANTS")) {
      Matcher matcher = GLOBAL.matcher(row.columns().values().iterator().next());
      if (matcher.matches()) {
        for (String privilege : matcher.group(1).split(",")) {
          granted.add(privilege.strip().toUpperCase(Locale.ROOT));
        }
      }
    }
    return missing(server.version(), granted);
  }

  static List<String> missing(ServerVersion version, Set<String> granted) {
    if (granted.contains("ALL PRIVILEGES")) {
      return List.of();
    }
    List<String> missing = new ArrayList<>();
    for (List<String> alternatives : needed(version)) {
      if (alternatives.stream().noneMatch(granted::contains)) {
        missing.add(String.join(" or ", alternatives));
      }
    }
    return missing;
  }

  private static List<List<String>> needed(ServerVersion version) {
    List<List<String>> needed = new ArrayList<>();
    for (String plain :
        List.of(
            "SELECT",
            "INSERT",
            "DELETE",
            "CREATE",
            "DROP",
            "RELOAD",
            "PROCESS",
            "SHUTDOWN",
            "LOCK TABLES",
            "SHOW VIEW",
            "TRIGGER",
            "EVENT",
            "CREATE USER")) {
      needed.add(List.of(plain));
    }
    if (version.mariaDb() && version.atLeast(10, 5, 2)) {
      // The parts SUPER was split into; SUPER still stands for them before 11.0.
      boolean superDoes = !version.atLeast(11, 0, 0);
      for (String part :
          List.of(
              "REPLICATION SLAVE ADMIN",
              "REPLICATION MASTER ADMIN",
              "BINLOG ADMIN",
              "CONNECTION ADMIN")) {
        needed.add(superDoes ? List.of(part, "SUPER") : List.of(part));
      }
      needed.add(
          version.atLeast(10, 11, 0)
              ? List.of("READ_ONLY ADMIN", "READ ONLY ADMIN")
              : List.of("READ_ONLY ADMIN", "READ ONLY ADMIN", "SUPER"));
      needed.add(List.of("BINLOG MONITOR", "REPLICATION CLIENT"));
      needed.add(List.of("SLAVE MONITOR", "REPLICA MONITOR", "SUPER"));
    } else if (version.atLeast(8, 0, 0)) {
      // The parts SUPER was split into; SUPER still stands for them.
      for (String part :
          List.of(
              "REPLICATION_SLAVE_ADMIN",
              "BINLOG_ADMIN",
              "SYSTEM_VARIABLES_ADMIN",
              "CONNECTION_ADMIN",
              "SESSION_VARIABLES_ADMIN")) {
        needed.add(List.of(part, "SUPER"));
      }
      needed.add(List.of("XA_RECOVER_ADMIN"));
      needed.add(List.of("REPLICATION CLIENT"));
      needed.add(List.of("REPLICATION SLAVE"));
    } else {
      needed.add(List.of("SUPER"));
      needed.add(List.of("REPLICATION CLIENT"));
      needed.add(List.of("REPLICATION SLAVE"));
    }
    return needed;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** Everything that is looked at before anything is changed; asks only. */
final class Preflight {
  private final MoveSettings settings;
  private final Topology servers;
  private final Server from;
  private final Server to;
  private final boolean seeded;
  private final Set<String> earlier;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * @param seeded the new host follows the old master already, so nothing is copied
   * @param earlier schemas that a move that was rolled back has left on the new host
   */
  Preflight(MoveSettings settings, Topology servers, boolean seeded, Set<String> earlier) {
    this.settings = settings;
    this.servers = servers;
    this.from = servers.from();
    this.to = servers.to();
    this.seeded = seeded;
    this.earlier = earlier;
  }

  private void refuse(Server server, String what, String cure) {
    findings.add(Finding.refuse(server.address(), what, cure));
  }

  private void note(Server server, String what, String cure) {
    findings.add(Finding.note(server.address(), what, cure));
  }

  /** Looks at everything but what depends on the method. */
  List<Finding> check(List<String> schemas) {
    versions();
    for (Server server : servers.all()) {
      List<String> missing = Privileges.missing(server);
      if (!missing.isEmpty()) {
        findings.add(lacks(server, missing));
      }
    }
    if (!findings.isEmpty()) {
      return findings;
    }
    ids();
    master();
    target(schemas);
    replicas();
    running();
    schemas(schemas);
    settings();
    if (!seeded) {
      versioned(schemas);
      disk(schemas);
      findings.addAll(new Accounts(from, to).findings());
    }
    return findings;
  }

  static Finding lacks(Server server, List<String> missing) {
    return Finding.refuse(
        server.address(),
        "the account " + server.address().user() + " lacks " + String.join(", ", missing),
        "GRANT them ON *.* to it");
  }

  private void versions() {
    for (Server server : servers.all()) {
      if (server.version().mariaDb() != from.version().mariaDb()) {
        refuse(
            server,
            "is " + server.version() + " and the old master " + from.version(),
            "both families in one set cannot replicate safely; move within one");
      }
      if (server.version().mariaDb() && !server.version().atLeast(10, 2, 0)) {
        refuse(server, "is " + server.version(), "10.2 is the oldest MariaDB this can move");
      }
      if (!server.version().mariaDb() && !server.version().atLeast(5, 6, 0)) {
        refuse(server, "is " + server.version(), "5.6 is the oldest MySQL this can move");
      }
    }
    if (to.version().compareSeries(from.version()) < 0) {
      refuse(
          to,
          "is " + to.version() + ", older than the old master's " + from.version(),
          "a dump of a newer server does not load safely: install "
              + from.version()
              + " or newer there");
    } else if (to.version().compareSeries(from.version()) > 0) {
      note(
          to,
          "is " + to.version() + ", newer than the old master's " + from.version(),
          "the way back is through an older replica of a newer master, which the vendor does"
              + " not promise to work");
    }
    for (Topology.Replica replica : servers.replicas()) {
      Server parent = replica.parent() == from ? to : replica.parent();
      if (replica.server().version().compareSeries(parent.version()) < 0) {
        refuse(
            replica.server(),
            "is " + replica.server().version() + " and would follow " + parent.version(),
            "a replica must not be older than its master: upgrade it first");
      }
    }
  }

  private void ids() {
    Map<Long, Server> ids = new HashMap<>();
    for (Server server : servers.all()) {
      Server other = ids.putIfAbsent(server.serverId(), server);
      if (server.serverId() == 0) {
        refuse(server, "its server_id is 0", "give it an id of its own and restart it");
      } else if (other != null) {
        refuse(
            server,
            "its server_id "
                + server.serverId()
                + " is that of "
                + other.address().place()
                + " too",
            "one of the two would be refused ('equal server ids'): SET GLOBAL server_id to"
                + " another, and in its configuration");
      }
    }
  }

  private void master() {
    if (!from.on("log_bin")) {
      refuse(from, "log-bin is off", "set log-bin in its configuration and restart it");
    }
    if (from.on("read_only")) {
      refuse(
          from,
          "read_only is set already, so it takes no writes as it is",
          "if that is left from a move, go on with its journal; else SET GLOBAL read_only=0");
    }
    if (from.status().isPresent()) {
      refuse(
          from,
          "is itself a replica (of " + from.status().get().sourceHost() + ")",
          "move the master at the top, or RESET SLAVE ALL here if that is stale");
    }
    if (from.on("wsrep_on")) {
      refuse(from, "is part of a Galera cluster", "join the new host to the cluster instead");
    }
    if (from.variable("binlog_format").equalsIgnoreCase("STATEMENT")) {
      note(
          from,
          "binlog_format is STATEMENT: statements may give other rows on a replica",
          "SET GLOBAL binlog_format=ROW; the checksums tell in any case");
    }
    binlogFilters(from);
  }

  private void binlogFilters(Server server) {
    Row row = server.link().row(server.dialect().masterStatus());
    for (String column : List.of("Binlog_Do_DB", "Binlog_Ignore_DB")) {
      if (!row.get(column).isEmpty()) {
        refuse(
            server,
            "a filter: " + column + "=" + row.get(column),
            "what it leaves out would be missing on replicas: take it out and restart");
      }
    }
  }

  private void target(List<String> schemas) {
    if (!to.on("log_bin")) {
      refuse(to, "log-bin is off", "a master needs it: set log-bin there and restart it");
    } else {
      binlogFilters(to);
    }
    if (to.on("wsrep_on")) {
      refuse(to, "is part of a Galera cluster", "take a server that stands alone");
    }
    List<Row> attached = to.link().rows(to.dialect().replicaHosts());
    if (!attached.isEmpty()) {
      refuse(to, "has replicas of its own (" + attached.size() + ")", "detach them first");
    }
    if (to.on("read_only")) {
      note(
          to,
          "read_only is set",
          "it is taken away at the switch; take it out of its configuration too");
    }
    if (!to.variable("lower_case_table_names").equals(from.variable("lower_case_table_names"))) {
      refuse(
          to,
          "lower_case_table_names is "
              + to.variable("lower_case_table_names")
              + ", on the old "
              + from.variable("lower_case_table_names"),
          "make a data directory with the same setting");
    }
    long packet = Long.parseLong("0" + to.variable("max_allowed_packet"));
    if (packet < Long.parseLong("0" + from.variable("max_allowed_packet"))) {
      refuse(
          to,
          "max_allowed_packet is " + packet + ", less than on the old master",
          "SET GLOBAL max_allowed_packet=" + from.variable("max_allowed_packet"));
    }
    if (to.address().isLoopback()
        && servers.replicas().stream().anyMatch(r -> !r.server().address().isLoopback())) {
      refuse(to, "is named by a loopback address", "replicas elsewhere need one they can reach");
    }
    if (seeded) {
      to.status().ifPresent(status -> healthy(to, from, status));
      errant(to);
      return;
    }
    Optional<ReplicaStatus> other =
        // The copy of a move that was rolled back may be made anew.
        to.status().filter(s -> earlier.isEmpty() || s.sourceServerId() != from.serverId());
    other.ifPresent(status ->
        refuse(
            to,
            "follows " + status.sourceHost() + ":" + status.sourcePort(),
            "take an empty server, or stop it and RESET SLAVE ALL there"));
    Set<String> there = new TreeSet<>(to.schemas());
    there.removeAll(earlier);
    there.removeIf(name -> name.equals("test") && !schemas.contains("test"));
    if (!there.isEmpty()) {
      refuse(
          to,
          "is not empty: it has " + String.join(", ", there),
          "the move makes the databases there itself: take an empty server, or drop them");
    }
    if (to.version().mariaDb()) {
      long domain = Long.parseLong("0" + to.variable("gtid_domain_id"));
      long own = GtidList.parse(to.variable("gtid_binlog_pos")).sequence(domain);
      long old = GtidList.parse(from.variable("gtid_binlog_pos")).sequence(domain);
      if (own != old) {
        note(
            to,
            "its GTID sequence ("
                + own
                + ") is not the old master's ("
                + old
                + "): as it is, replicas would stop with error 1950 at the first write",
            "the move empties its log and sets gtid_binlog_state, so that it goes on from there");
      }
    }
  }

  private void errant(Server replica) {
    String errant = StatusReport.errant(replica, from);
    if (!errant.isEmpty()) {
      refuse(
          replica,
          "errant transactions, written there and not on the master: " + errant,
          "look at them with mariadb-binlog or mysqlbinlog; then repeat them on the master, or"
              + " undo them and empty the log there");
    }
  }

  private void healthy(Server replica, Server master, ReplicaStatus status) {
    int connections = replica.link().rows(replica.dialect().everyReplicaStatus()).size();
    if (connections > 1) {
      refuse(
          replica,
          "follows " + connections + " masters",
          "replication from several masters cannot be moved: leave it out, or make it follow one");
    }
    Optional<Finding> behind = TruePlace.finding(replica, master);
    behind.ifPresent(findings::add);
    status
        .trouble()
        .filter(trouble -> behind.isEmpty())
        .ifPresent(
            trouble -> refuse(replica, "does not replicate: " + trouble, "put that right first"));
    if (status.verifiesTls() && to.version().mariaDb() && !to.on("have_ssl")) {
      refuse(
          to,
          "offers no TLS, and " + replica.address().place() + " asks its master for it",
          "give it a certificate (ssl_cert, ssl_key), or CHANGE MASTER TO"
              + " MASTER_SSL_VERIFY_SERVER_CERT=0 on the replica");
    }
    if (!status.filters().isEmpty()) {
      refuse(
          replica,
          "a filter: " + status.filters(),
          "what it leaves out cannot be compared: take it out first");
    }
    Duration lag = Duration.ofSeconds(status.lag().orElse(0L));
    if (lag.compareTo(settings.lagLimit()) > 0) {
      refuse(
          replica,
          "is " + lag.toSeconds() + " s behind its master",
          "wait until it has caught up; at most "
              + settings.lagLimit().toSeconds()
              + " s are allowed");
    }
  }

  private void replicas() {
    for (Topology.Replica replica : servers.replicas()) {
      Server server = replica.server();
      server.status().ifPresent(status -> healthy(server, replica.parent(), status));
      errant(server);
      if (!server.on("log_bin")
          && servers.replicas().stream().anyMatch(r -> r.parent() == server)) {
        refuse(server, "log-bin is off and a replica follows it", "set log-bin there");
      }
    }
  }

  /** XA transactions, and what has run for long: it would be cut off, or hold up the fence. */
  private void running() {
    prepared(from.link())
        .ifPresent(
            xa -> refuse(from, xa, "XA COMMIT or XA ROLLBACK it; it would be lost in the move"));
    for (Server server : List.of(from, to)) {
      for (String found : longRunning(server, settings.longTransaction())) {
        refuse(server, found, "wait for it, or KILL it");
      }
    }
  }

  /** A prepared XA transaction, by its name as far as that can be printed. */
  static Optional<String> prepared(Link link) {
    return link.rows("XA RECOVER").stream()
        .map(row ->
            "a prepared XA transaction: " + row.get("data").replaceAll("[^\\x21-\\x7e]", "?"))
        .findFirst();
  }

  /**
   * Transactions and statements older than allowed, of everyone but replication. Waits until the
   * server's list of transactions may be made anew, and leaves out those of sessions that are no
   * more: where a monitor reads that list all the time, it stays old.
   */
  static List<String> longRunning(Server server, Duration limit) {
    LockSupport.parkNanos(Server.TRANSACTIONS_STALE.toNanos());
    List<Row> transactions =
        server
            .link()
            .rows(
                "SELECT trx_mysql_thread_id AS id,"
                    + " TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age"
                    + " FROM information_schema.INNODB_TRX"
                    + " WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID())");
    List<Row> sessions = server.link().rows("SHOW FULL PROCESSLIST");
    Set<Long> open = sessions.stream().map(row -> row.number("Id")).collect(Collectors.toSet());
    List<String> found = new ArrayList<>();
    for (Row row : transactions) {
      if (row.number("age") >= limit.toSeconds() && open.contains(row.number("id"))) {
        found.add(
            "a long transaction: connection "
                + row.get("id")
                + ", open for "
                + row.get("age")
                + " s");
      }
    }
    for (Row row : sessions) {
      boolean works = row.get("Command").equals("Query") || row.get("Command").equals("Execute");
      if (works
          && row.number("Time") >= limit.toSeconds()
          && !row.get("User").equals("system user")
          && !row.get("User").equals("event_scheduler")) {
        found.add(
            "a long statement: connection "
                + row.get("Id")
                + " of "
                + row.get("User")
                + ", running for "
                + row.get("Time")
                + " s");
      }
    }
    return found;
  }

  /** Settings that change what applications see, where they differ. */
  private void settings() {
    for (String name :
        List.of(
            "sql_mode",
            "character_set_server",
            "collation_server",
            "time_zone",
            "system_time_zone",
            "default_storage_engine",
            "auto_increment_increment",
            "auto_increment_offset")) {
      if (!from.variable(name).equals(to.variable(name))) {
        note(
            to,
            name + " is '" + to.variable(name) + "', on the old '" + from.variable(name) + "'",
            "set it alike in its configuration, or applications may see a difference");
      }
    }
    if (from.variable("event_scheduler").equals("ON")
        && to.variable("event_scheduler").equals("DISABLED")) {
      refuse(
          to,
          "event_scheduler is DISABLED, and events run on the old master",
          "set it to OFF in its configuration and restart it");
    }
  }

  /** MariaDB's system-versioned tables: a dump has their present rows alone. */
  private void versioned(List<String> schemas) {
    if (!from.version().mariaDb() || schemas.isEmpty()) {
      return;
    }
    List<String> tables = new ArrayList<>();
    from.link()
        .rows(
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
                + " WHERE TABLE_TYPE='SYSTEM VERSIONED' AND TABLE_SCHEMA IN ("
                + String.join(", ", schemas.stream().map(Sql::quote).toList())
                + ")")
        .forEach(row ->
            tables.add(Sql.name(row.get("TABLE_SCHEMA")) + "." + Sql.name(row.get("TABLE_NAME"))));
    if (!tables.isEmpty()) {
      refuse(
          from,
          "system-versioned tables, whose history no dump carries: " + String.join(", ", tables),
          "make the new host a replica first, with mariadb-backup; the move then copies nothing");
    }
  }

  private void schemas(List<String> schemas) {
    Set<String> there = new TreeSet<>(from.schemas());
    for (String schema : schemas) {
      if (!there.contains(schema)) {
        refuse(from, "has no database " + schema, "see SHOW DATABASES");
      }
    }
    there.removeAll(schemas);
    if (there.remove(Token.SCHEMA)) {
      note(from, "has the schema " + Token.SCHEMA + ", left by an earlier move", "it is replaced");
    }
    if (!there.isEmpty()) {
      refuse(
          from,
          "the databases " + String.join(", ", there) + " would stay behind",
          "writes to them would be refused after the move, and replicas would lose their source:"
              + " name all with --databases, or leave the option out");
    }
  }

  /** How much the schemas take, in bytes: data and indexes as the server estimates them. */
  static long size(Server server, List<String> schemas) {
    if (schemas.isEmpty()) {
      return 0;
    }
    return server
        .link()
        .row(
            "SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) AS bytes"
                + " FROM information_schema.TABLES WHERE TABLE_SCHEMA IN ("
                + String.join(", ", schemas.stream().map(Sql::quote).toList())
                + ")")
        .number("bytes");
  }

  private void disk(List<String> schemas) {
    long needed = size(from, schemas);
    Path datadir = Path.of(to.variable("datadir"));
    if (!to.address().isLoopback() || !Files.isDirectory(datadir)) {
      note(
          to,
          "the room on its disk cannot be seen from here",
          "see that " + mega(needed) + " are free there");
      return;
    }
    try {
      FileStore store = Files.getFileStore(datadir);
      if (store.getUsableSpace() < needed + needed / 4) {
        refuse(
            to,
            "no room: "
                + mega(store.getUsableSpace())
                + " are free in "
                + datadir
                + ", "
                + mega(needed + needed / 4)
                + " are needed",
            "make room there");
      }
    } catch (IOException e) {
      note(to, "the room on its disk cannot be seen: " + e.getMessage(), "look there");
    }
  }

  private static String mega(long bytes) {
    return (bytes + 999_999) / 1_000_000 + " MB";
  }
}

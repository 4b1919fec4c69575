// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One server of the set: its words, its settings, and a session that is renewed when it breaks. */
final class Server implements AutoCloseable {
  /** The server's own schemas. */
  static final List<String> SYSTEM =
      List.of("mysql", "information_schema", "performance_schema", "sys");

  /**
   * INNODB_TRX is a copy that is made anew only where nobody has read it for 100 ms; asked more
   * often it shows the past for ever.
   */
  static final Duration TRANSACTIONS_STALE = Duration.ofMillis(150);

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Address address;
  private final Access access;
  private final StatementLog log;
  private @Nullable ServerVersion version;
  private @Nullable Link link;
  private Map<String, String> variables = Map.of();

  /** A server that is connected to when it is first asked something. */
  Server(Address address, Access access, StatementLog log) {
    this.address = address;
    this.access = access;
    this.log = log;
  }

  /**
   * Connects at once.
   *
   * @throws DatabaseError if it does not answer or the password is wrong
   */
  static Server connect(Address address, Access access, StatementLog log) {
    Server server = new Server(address, access, log);
    server.link();
    return server;
  }

  private static Map<String, String> read(Link link) {
    Map<String, String> variables = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    link.rows("SHOW GLOBAL VARIABLES")
        .forEach(row -> variables.put(row.get("Variable_name"), row.get("Value")));
    return variables;
  }

  /** One more session, whose statements may take as long as given (zero: any time). */
  Link open(Duration patience) {
    return Link.open(address, access.passwords().apply(address), access, patience, log);
  }

  /** The session; a new one where the last broke. */
  Link link() {
    Link present = link;
    if (present != null && present.alive()) {
      return present;
    }
    if (present != null) {
      present.close();
    }
    Link fresh = open(PATIENCE);
    link = fresh;
    if (version == null) {
      version = ServerVersion.parse(fresh.value("SELECT VERSION()"));
      variables = read(fresh);
    }
    return fresh;
  }

  /** The session as it is, without a look whether it still stands. */
  Link warm() {
    Link present = link;
    return present == null ? link() : present;
  }

  /** Whether it takes connections. */
  boolean answers() {
    try {
      link();
      return true;
    } catch (DatabaseError e) {
      if (!e.unreachable()) {
        throw e;
      }
      return false;
    }
  }

  Address address() {
    return address;
  }

  ServerVersion version() {
    ServerVersion known = version;
    if (known == null) {
      link();
      known = Objects.requireNonNull(version);
    }
    return known;
  }

  Dialect dialect() {
    return Dialect.of(version());
  }

  /** Reads the settings anew. */
  void refresh() {
    variables = read(link());
  }

  /** A global variable as last read; "" where this server has none of the name. */
  String variable(String name) {
    version();
    return variables.getOrDefault(name, "");
  }

  boolean on(String name) {
    String value = variable(name);
    return value.equalsIgnoreCase("ON") || value.equalsIgnoreCase("YES") || value.equals("1");
  }

  long serverId() {
    return Long.parseLong(variable("server_id"));
  }

  boolean readOnly() {
    return link().value("SELECT @@GLOBAL.read_only").equals("1");
  }

  /** Whether the server names its transactions. */
  boolean hasGtids() {
    return version().mariaDb() || variable("gtid_mode").equalsIgnoreCase("ON");
  }

  /** The end of the binary log. */
  Position position() {
    return position(link());
  }

  Position position(Link session) {
    Row row = session.row(dialect().masterStatus());
    String gtid = hasGtids() ? session.value(dialect().gtidPosition()).replaceAll("\\s", "") : "";
    return new Position(gtid, row.get("File"), row.number("Position"));
  }

  /** Whether it has every transaction up to a place; true too where transactions have no names. */
  boolean has(Position place) {
    if (!hasGtids() || place.gtid().isEmpty()) {
      return true;
    }
    return version().mariaDb()
        ? GtidList.parse(position().gtid()).covers(GtidList.parse(place.gtid()))
        : link()
            .value("SELECT GTID_SUBSET(" + Sql.quote(place.gtid()) + ", @@GLOBAL.gtid_executed)")
            .equals("1");
  }

  /** Which servers' transactions the binary log has had, for {@link Dialect#seed}. */
  String history() {
    return version().mariaDb() ? link().value("SELECT @@GLOBAL.gtid_binlog_state AS state") : "";
  }

  Optional<ReplicaStatus> status() {
    return ReplicaStatus.of(link().rows(dialect().replicaStatus()));
  }

  /** The schemas that are not the server's own. */
  List<String> schemas() {
    List<String> names = new ArrayList<>();
    link().rows("SHOW DATABASES").forEach(row -> names.add(row.get("Database")));
    names.removeIf(name -> SYSTEM.contains(name.toLowerCase(java.util.Locale.ROOT)));
    return names;
  }

  /** Waits until the replica has applied a place of its master's log. */
  void await(Position place, boolean byGtid, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      String waited =
          link()
              .value(byGtid ? dialect().awaitGtid(place.gtid(), 1) : dialect().awaitFile(place, 1));
      if (!waited.isEmpty() && Long.parseLong(waited) >= 0 && !(timedOut(waited, byGtid))) {
        return;
      }
      ReplicaStatus status =
          status().orElseThrow(() -> new MoveFailure(address + ": follows no master any more"));
      if (status.ioErrno() != 0 || status.applierErrno() != 0 || status.applierStopped()) {
        throw new MoveFailure(address + ": " + status.trouble().orElse("stopped"));
      }
      if (System.nanoTime() > end) {
        throw new MoveFailure(
            address
                + ": has not reached "
                + place
                + " within "
                + limit.toSeconds()
                + " s"
                + status.lag().map(lag -> ", it is " + lag + " s behind").orElse(""));
      }
    }
  }

  /** WAIT_FOR_EXECUTED_GTID_SET says 1 for a timeout, all others -1. */
  private boolean timedOut(String waited, boolean byGtid) {
    return byGtid && !version().mariaDb() && waited.equals("1");
  }

  /** Polls every few milliseconds; false where it did not come true in time. */
  static boolean eventually(Duration limit, BooleanSupplier condition) {
    return eventually(limit, Duration.ofMillis(5), condition);
  }

  /** The same, asking at the given interval. */
  static boolean eventually(Duration limit, Duration interval, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(interval.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw new MoveFailure("interrupted");
      }
    }
    return true;
  }

  @Override
  public void close() {
    Link present = link;
    if (present != null) {
      present.close();
    }
  }

  @Override
  public String toString() {
    return address.toString();
  }
}

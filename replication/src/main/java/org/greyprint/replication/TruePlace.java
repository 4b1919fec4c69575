// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a replica really is that follows by file and position and was killed.
 *
 * <p>It notes its place in a file (relay-log.info) that no transaction writes. After {@code kill
 * -9} that may be behind what its tables have, or its relay log may have an event twice: it then
 * does an event again, and its applier stops. MariaDB has the same place as GTIDs in a table,
 * written with each transaction (mysql.gtid_slave_pos), by whatever method a replica follows; and
 * the master's log has both names of a place. So the true one can be found there, and is taken only
 * where the master itself says that it is the same.
 */
final class TruePlace {
  private static final Set<Long> TWICE = Set.of(1594L, 1950L);
  private static final int CHUNK = 500;
  private static final int MOST_CHUNKS = 100;
  private static final long LOG_START = 4;
  private static final String UNKNOWN = "unknown";
  private static final Pattern GTID = Pattern.compile("GTID (\\d+-\\d+-\\d+)");

  private TruePlace() {}

  /**
   * The true place of a replica whose applier has stopped because its note of the place is not
   * true; empty where that is not the cause, or the place cannot be told.
   */
  static Optional<Position> of(Server replica, Server master) {
    if (!replica.version().mariaDb()) {
      return Optional.empty();
    }
    ReplicaStatus status = replica.status().orElse(null);
    if (status == null
        || status.gtid()
        || status.applierErrno() == 0
        || !master.answers()
        || !(status.follows(master.address()) || status.sourceServerId() == master.serverId())) {
      return Optional.empty();
    }
    String noted = gtid(master, status.file(), status.offset());
    if (noted.equals(UNKNOWN)) {
      return Optional.empty();
    }
    GtidList before = GtidList.parse(noted);
    GtidList has = GtidList.parse(replica.link().value("SELECT @@GLOBAL.gtid_slave_pos AS gtid"));
    boolean written = GtidList.parse(master.position().gtid()).covers(has);
    // Ahead of its note; or where that is true, the relay log has an event twice, or cut short.
    boolean again = !before.covers(has) || TWICE.contains(status.applierErrno());
    return written && again && has.covers(before)
        ? find(master, status.file(), status.offset(), has)
        : Optional.empty();
  }

  /** What the plan says of such a replica; empty where its other thread is not well either. */
  static Optional<Finding> finding(Server replica, Server master) {
    return of(replica, master)
        .flatMap(place ->
            replica
                .status()
                .filter(status -> status.io().equals("Yes") && status.ioErrno() == 0)
                .flatMap(ReplicaStatus::trouble)
                .map(trouble ->
                    Finding.note(
                        replica.address(),
                        "was killed, and its place in its master's log is noted in a file that was"
                            + " behind: "
                            + trouble,
                        "the move lets it go on at " + place + ", where its tables are")));
  }

  /** Makes a replica whose note of its place is not true go on at the true one; false if not so. */
  static boolean restore(Server replica, Server master) {
    Optional<Position> place = of(replica, master);
    place.ifPresent(position -> replica.link().run(statements(replica, position)));
    return place.isPresent();
  }

  /** What {@link #restore} sends. */
  static List<Sql> statements(Server replica, Position place) {
    return List.of(
        replica.dialect().stopReplica(),
        // This empties the relay log too.
        Sql.of(
            "CHANGE MASTER TO MASTER_LOG_FILE="
                + Sql.quote(place.file())
                + ", MASTER_LOG_POS="
                + place.offset()
                + ", MASTER_USE_GTID=no"),
        replica.dialect().startReplica());
  }

  /** What the master's log had at a place, as GTIDs. */
  private static String gtid(Server master, String file, long offset) {
    return master
        .link()
        .value(
            "SELECT COALESCE(BINLOG_GTID_POS("
                + Sql.quote(file)
                + ", "
                + offset
                + "), '"
                + UNKNOWN
                + "') AS gtid");
  }

  /** Goes on from a place in the log to the first transaction that is not there yet. */
  private static Optional<Position> find(Server master, String file, long offset, GtidList has) {
    List<String> files =
        master.link().rows("SHOW BINARY LOGS").stream().map(row -> row.get("Log_name")).toList();
    Position place = new Position("", file, offset);
    int chunks = 0;
    for (String name : files.stream().dropWhile(f -> !f.equals(file)).toList()) {
      long from = name.equals(file) ? offset : LOG_START;
      while (chunks++ < MOST_CHUNKS) {
        List<Row> events =
            master
                .link()
                .rows(
                    "SHOW BINLOG EVENTS IN "
                        + Sql.quote(name)
                        + " FROM "
                        + from
                        + " LIMIT "
                        + CHUNK);
        for (Row event : events) {
          Matcher one = GTID.matcher(event.get("Info"));
          if (event.get("Event_type").equals("Gtid")
              && one.find()
              && !has.covers(GtidList.parse(one.group(1)))) {
            return confirmed(master, new Position("", name, event.number("Pos")), has);
          }
          from = event.number("End_log_pos");
          place = new Position("", name, from);
        }
        if (events.size() < CHUNK) {
          break;
        }
      }
    }
    return confirmed(master, place, has);
  }

  private static Optional<Position> confirmed(Server master, Position place, GtidList has) {
    String there = gtid(master, place.file(), place.offset());
    boolean same =
        !there.equals(UNKNOWN)
            && Set.copyOf(GtidList.parse(there).gtids()).equals(Set.copyOf(has.gtids()));
    return same ? Optional.of(place) : Optional.empty();
  }
}

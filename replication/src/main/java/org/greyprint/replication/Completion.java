// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The steps after the new master takes writes. There is no way but forward; each may be repeated.
 */
final class Completion {
  private static final Duration ARRIVAL = Duration.ofSeconds(60);

  private final Context move;
  private final Server from;
  private final Server to;

  Completion(Context move) {
    this.move = move;
    this.from = move.from();
    this.to = move.to();
  }

  /** Where replicas by file go on: the position noted before writes were possible. */
  private Position opened() {
    return move.recorded("opening")
        .orElseThrow(() -> new IllegalStateException("no position was noted"));
  }

  /** The new master takes writes; a restart may have brought its configured read_only back. */
  void writable() {
    lostNothing();
    if (to.readOnly()) {
      to.link().run(to.dialect().allowWrites());
    }
  }

  /**
   * A new master whose host lost power may have lost what it had, where its log is not forced to
   * the disk (sync_binlog, innodb_flush_log_at_trx_commit). Then it must not go on as the master.
   */
  private void lostNothing() {
    if (!to.has(opened())) {
      throw new MoveFailure(
          to
              + ": has lost transactions it had: it is at "
              + to.position().gtid()
              + ", and was at "
              + opened().gtid()
              + " when it was opened (sync_binlog and innodb_flush_log_at_trx_commit must be 1 for a"
              + " log that outlives its host); "
              + from.address()
              + " has them: SET GLOBAL read_only=0 there puts it back in service without what was"
              + " written since");
    }
  }

  /** The events of the old master run on the new one. */
  void events() {
    boolean wanted =
        move.journal().current().stream().anyMatch(entry -> entry.event().equals("events"));
    alterEvents(to, "STATUS IN ('SLAVESIDE_DISABLED', 'REPLICA_SIDE_DISABLED')", "ENABLE");
    if (wanted) {
      to.link().run("SET GLOBAL event_scheduler=ON");
    }
  }

  /** Switches events, each with the definer it has, and without a trace in the log. */
  private static void alterEvents(Server server, String which, String state) {
    try (Link link = server.open(Duration.ofMinutes(1))) {
      List<Row> rows =
          link.rows(
              "SELECT EVENT_SCHEMA, EVENT_NAME, DEFINER FROM information_schema.EVENTS WHERE "
                  + which);
      if (rows.isEmpty()) {
        return;
      }
      if (server.dialect().superReadOnly() && server.readOnly()) {
        // Back to read_only alone for a moment: the definition of an event is a write too.
        link.run("SET GLOBAL super_read_only=0");
      }
      link.run("SET sql_log_bin=0");
      for (Row row : rows) {
        String definer = row.get("DEFINER");
        int at = definer.lastIndexOf('@');
        link.run(
            Sql.of(
                "ALTER DEFINER="
                    + Sql.quote(definer.substring(0, at))
                    + "@"
                    + Sql.quote(definer.substring(at + 1))
                    + " EVENT "
                    + Sql.name(row.get("EVENT_SCHEMA"))
                    + "."
                    + Sql.name(row.get("EVENT_NAME"))
                    + " "
                    + state));
      }
    }
  }

  /** A replica follows the new master; one that does already is left as it is. */
  void repoint(Server replica) {
    to.link();
    Preparation.attach(replica, to, move.source(to, false, Optional.of(opened()), false));
  }

  /**
   * The old master follows the new one and stays read-only; the way back is open. Its events are
   * those of a replica from here on, or they would write there after its next start.
   */
  void demote() {
    from.link().run(from.dialect().refuseWrites());
    alterEvents(from, "STATUS='ENABLED'", from.dialect().disabledOnReplica());
    if (from.status().isPresent() && !from.status().get().follows(to.address())) {
      throw new MoveFailure(
          from + ": follows " + from.status().get().sourceHost() + ", not " + to.address().place());
    }
    from.link().run(from.dialect().holdWrites());
    if (from.status().isEmpty()) {
      strayed();
    }
    to.link();
    Preparation.attach(from, to, move.source(to, true, Optional.of(opened()), true));
  }

  /**
   * Whether an old master that was shut down has been started again, by someone or by its host's
   * own start. It is made read-only then.
   *
   * @throws MoveFailure if it took writes meanwhile
   */
  boolean runsAgain() {
    if (!from.answers()) {
      return false;
    }
    from.link().run(from.dialect().refuseWrites());
    move.progress()
        .note(
            from.address().place()
                + ": was shut down and is running again; it is read-only now: no application may"
                + " write there, put read_only into its configuration or stop it");
    strayed();
    return true;
  }

  /** After a restart the old master may have taken writes the new one does not have. */
  private void strayed() {
    String end = move.journal().last("opening").map(entry -> entry.value("end")).orElse("");
    Optional<String> strayed = strayed(from, end);
    if (strayed.isPresent()) {
      throw new MoveFailure(
          from
              + ": took writes after the move (it is at "
              + strayed.get()
              + ", the move was at "
              + end
              + "): errant transactions that "
              + to.address().place()
              + " does not have; look at"
              + " them with mariadb-binlog, repeat them there, then make this one anew");
    }
  }

  /** Where a former master is now, if that is past where a move had left it in GTIDs. */
  static Optional<String> strayed(Server server, String end) {
    if (end.isEmpty() || !server.hasGtids()) {
      return Optional.empty();
    }
    String now = server.position().gtid();
    boolean more =
        server.version().mariaDb()
            ? !GtidList.parse(end).covers(GtidList.parse(now))
            : !server
                .link()
                .value(
                    "SELECT GTID_SUBTRACT("
                        + Sql.quote(now)
                        + ", "
                        + Sql.quote(end)
                        + ") AS errant")
                .isEmpty();
    return more ? Optional.of(now) : Optional.empty();
  }

  /** Everyone who follows now, with whom. */
  private List<Topology.Replica> followers() {
    List<Topology.Replica> followers = new ArrayList<>();
    for (Topology.Replica replica : move.servers().replicas()) {
      followers.add(
          new Topology.Replica(replica.server(), replica.parent() == from ? to : replica.parent()));
    }
    if (!move.shutsDown()) {
      followers.add(new Topology.Replica(from, to));
    }
    return followers;
  }

  /** Threads, state text, host and port, error numbers, and a row that arrives. */
  void verify() {
    // A copy behind the fence has no such row, and replicas have one: it begins anew everywhere.
    to.link().run(Token.removal());
    String value = Token.write(to);
    for (Topology.Replica follower : followers()) {
      Server server = follower.server();
      Token.await(server, value, ARRIVAL);
      String[] trouble = {""};
      Server.eventually(
          Duration.ofSeconds(10),
          () -> {
            trouble[0] = trouble(server, follower.parent()).orElse("");
            return trouble[0].isEmpty();
          });
      if (!trouble[0].isEmpty()) {
        throw new MoveFailure(server + ": " + trouble[0]);
      }
    }
    move.progress().note("a row written on " + to.address().place() + " arrived everywhere");
  }

  private Optional<String> trouble(Server server, Server parent) {
    ReplicaStatus status = server.status().orElse(null);
    if (status == null) {
      return Optional.of("follows no one");
    }
    if (status.trouble().isPresent()) {
      return status.trouble();
    }
    if (parent == to && status.sourceServerId() != to.serverId()) {
      return Optional.of("follows " + status.sourceHost() + ":" + status.sourcePort());
    }
    if (!status.state().equals(server.dialect().waitingState())) {
      return Optional.of("its IO thread's state is '" + status.state() + "'");
    }
    return Optional.empty();
  }

  void compare() {
    List<Topology.Replica> followers = followers();
    List<String> plain = Plan.nonTransactional(to, move.schemas());
    if (!plain.isEmpty()) {
      move.progress().note("not compared again, as writes go on: " + String.join(", ", plain));
    }
    int tables =
        new Checksums(
                to,
                followers,
                move.schemas(),
                ARRIVAL,
                move.progress(),
                () -> Token.write(to),
                plain)
            .compare();
    move.progress().note(tables + " tables are equal on " + (followers.size() + 1) + " servers");
  }

  /** Our own schema goes, everywhere. */
  void tidy() {
    to.link().run(Token.removal());
    for (Topology.Replica follower : followers()) {
      Token.awaitRemoval(follower.server(), ARRIVAL);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The steps before the fence: the new host gets the data and follows. Each may be repeated. */
final class Preparation {
  private static final Duration ARRIVAL = Duration.ofSeconds(60);
  private static final Duration NEAR_END = Duration.ofMillis(60);
  private static final Duration NEAR_END_LIMIT = Duration.ofSeconds(20);

  private final Context move;
  private final Server from;
  private final Server to;

  Preparation(Context move) {
    this.move = move;
    this.from = move.from();
    this.to = move.to();
  }

  /** No one writes to the new master, no event runs there. */
  void closeNew() {
    to.link().run(to.dialect().refuseWrites());
    // Looked at only now: nothing can be written any more before a copy there is taken away.
    OwnWrites.refuse(move.journal().all(), to, from);
    if (to.link().value("SELECT @@GLOBAL.event_scheduler").equals("ON")) {
      move.journal().write("events", Map.of("server", to.address().place()));
      to.link().run("SET GLOBAL event_scheduler=OFF");
    }
  }

  /** Takes away what an earlier try left, and the new host's own history. */
  void clean() {
    Copy.sweep(move.journalFile());
    Copy.endForgottenImport(to);
    Link link = to.link();
    if (to.status().isPresent()) {
      link.run(to.dialect().stopReplica());
      link.run(to.dialect().forget());
    }
    Copy.endPrepared(to);
    // The preflight refused databases that were there before, so these are an earlier copy's.
    Set<String> ours = new TreeSet<>(move.schemas());
    ours.add(Token.SCHEMA);
    for (String schema : to.schemas()) {
      if (ours.contains(schema)) {
        link.run(Sql.of("DROP DATABASE " + Sql.name(schema)));
      }
    }
    link.run(to.dialect().emptyLog());
  }

  /** Dump and import; the position is in the journal before the step counts as done. */
  void copy() {
    Position position;
    if (move.schemas().isEmpty()) {
      position = from.position();
    } else {
      Tools tools =
          Tools.find(from.dialect().tools(), move.settings().tools())
              .orElseThrow(() ->
                  new MoveFailure(
                      "no dump and import programs on this host: install the package "
                          + from.dialect().tools().packageName()));
      position =
          new Copy(from, to, move.settings().access(), tools, move.journalFile())
              .run(
                  move.schemas(),
                  from.hasGtids(),
                  Preflight.size(from, move.schemas()),
                  move.progress());
    }
    move.journal().write("copied", Context.values(position));
    new Accounts(from, to).carry();
    String history = from.history();
    move.journal().write("history", Map.of("state", history));
    to.link().run(to.dialect().seed(position, history));
  }

  /** The new host follows the old master from the copy's position, or from where it was. */
  void follow() {
    // No one can follow a master that is gone; its own answer says that sooner than the thread.
    from.link();
    Position start =
        move.recorded("detached").or(() -> move.recorded("copied")).orElse(new Position("", "", 0));
    attach(to, from, move.source(from, true, start(start), move.back() && !followedBefore()));
    move.progress().note(to.address().place() + " follows " + from.address().place());
    awaitCaughtUp();
  }

  /** On the way back by file the old host resumes where the new one opened. */
  private java.util.Optional<Position> start(Position recorded) {
    if (!recorded.file().isEmpty()) {
      return java.util.Optional.of(recorded);
    }
    return move.recorded("start");
  }

  private boolean followedBefore() {
    return to.status().isPresent();
  }

  /** Points a server at its master unless it follows it already, starts it, waits for threads. */
  static void attach(Server server, Server master, Source source) {
    ReplicaStatus status = server.status().orElse(null);
    Link link = server.link();
    if (status != null && status.running() && status.follows(source)) {
      return;
    }
    if (status == null || !status.follows(source.address())) {
      if (status != null) {
        link.run(server.dialect().stopReplica());
      }
      boolean demote = source.demote();
      if (demote
          && server.dialect() instanceof MariaDbDialect words
          && !words.demotes()
          && source.start().isEmpty()) {
        link.run("SET GLOBAL gtid_slave_pos=@@GLOBAL.gtid_binlog_pos");
      }
      link.run(server.dialect().follow(source));
    } else if (!status.running()) {
      link.run(server.dialect().stopReplica());
    }
    link.run(server.dialect().startReplica());
    awaitThreads(server, master, ARRIVAL);
  }

  /** The same as {@link #awaitThreads(Server, Duration)}; a killed replica's place is put right. */
  static void awaitThreads(Server server, Server master, Duration limit) {
    try {
      awaitThreads(server, limit);
    } catch (MoveFailure e) {
      if (!TruePlace.restore(server, master)) {
        throw e;
      }
      awaitThreads(server, limit);
    }
  }

  /** Waits until both threads run; fails with the server's own words. */
  static void awaitThreads(Server server, Duration limit) {
    ReplicaStatus[] last = new ReplicaStatus[1];
    boolean up =
        Server.eventually(
            limit,
            () -> {
              last[0] = server.status().orElseThrow(() -> new MoveFailure(server + ": no replica"));
              return last[0].running() || last[0].broken();
            });
    if (!up || !last[0].running()) {
      throw new MoveFailure(
          server
              + ": does not replicate from "
              + last[0].sourceHost()
              + ":"
              + last[0].sourcePort()
              + ": "
              + last[0].trouble().orElse("not running"));
    }
  }

  private void awaitCaughtUp() {
    Position goal = from.position();
    move.progress().note("waiting until " + to.address().place() + " has caught up");
    to.await(goal, move.gtid(), move.patience());
  }

  /** A row written on the old master arrives everywhere; everyone is near the end. */
  void token() {
    for (Topology.Replica replica : move.servers().replicas()) {
      if (TruePlace.restore(replica.server(), replica.parent())) {
        move.progress()
            .note(
                replica.server().address().place()
                    + ": was killed; goes on at its true place in the log");
        awaitThreads(replica.server(), ARRIVAL);
      }
    }
    String value = Token.write(from);
    for (Server server : followers()) {
      Token.await(server, value, ARRIVAL);
    }
  }

  /** Everyone below the old master, the new one first where it follows. */
  private List<Server> followers() {
    List<Server> servers = new ArrayList<>();
    if (move.copy() != Plan.CopyWay.FENCED) {
      servers.add(to);
    }
    move.servers().replicas().forEach(replica -> servers.add(replica.server()));
    return servers;
  }

  /** The new host counts as one more replica. */
  void compare() {
    List<Topology.Replica> followers = new ArrayList<>();
    followers.add(new Topology.Replica(to, from));
    followers.addAll(move.servers().replicas());
    int tables =
        new Checksums(
                from,
                followers,
                move.schemas(),
                ARRIVAL,
                move.progress(),
                () -> Token.write(from),
                List.of())
            .compare();
    move.progress().note(tables + " tables are equal on " + (followers.size() + 1) + " servers");
  }

  /** Nothing long runs, every replica is well: the last look before writes are refused. */
  void ready() {
    List<String> running = new ArrayList<>();
    Server.eventually(
        Duration.ofSeconds(5),
        Server.TRANSACTIONS_STALE,
        () -> {
          running.clear();
          running.addAll(Preflight.longRunning(from, move.settings().longTransaction()));
          return running.isEmpty();
        });
    if (!running.isEmpty()) {
      throw new MoveFailure(from + ": " + MoveFailure.join(running) + "; wait for it, or KILL it");
    }
    for (Server server : followers()) {
      ReplicaStatus status =
          server.status().orElseThrow(() -> new MoveFailure(server + ": follows no one"));
      if (!status.running()) {
        throw new MoveFailure(server + ": " + status.trouble().orElse("not running"));
      }
    }
    if (!to.readOnly()) {
      // It was started again since it was closed, and takes writes as its configuration says.
      closeNew();
      if (!move.gtid() && move.copy() != Plan.CopyWay.FENCED) {
        // It may have done an event again that it had, without an error.
        compare();
      }
    }
    awaitNearEnd();
    if (from.link().value("SELECT @@GLOBAL.event_scheduler").equals("ON")) {
      move.journal().write("events", Map.of("server", from.address().place()));
      from.link().run("SET GLOBAL event_scheduler=OFF");
    }
  }

  /**
   * All near the end, so that the wait behind the fence is short: what the master has at one moment
   * is everywhere within a blink. Where writes come faster than replicas apply them that does not
   * happen; then it goes on after a while, and the fence itself lets them catch up.
   */
  private void awaitNearEnd() {
    long giveUp = System.nanoTime() + NEAR_END_LIMIT.toNanos();
    while (true) {
      Position goal = from.position();
      long start = System.nanoTime();
      if (move.copy() != Plan.CopyWay.FENCED) {
        to.await(goal, move.gtid(), move.patience());
      }
      for (Server server : move.servers().direct()) {
        server.await(goal, from.hasGtids() && byGtid(server), move.patience());
      }
      long now = System.nanoTime();
      if (now - start < NEAR_END.toNanos()) {
        return;
      }
      if (now > giveUp) {
        move.progress().note("writes come faster than they are replicated; going on");
        return;
      }
    }
  }

  static boolean byGtid(Server server) {
    return server.status().map(ReplicaStatus::gtid).orElse(false);
  }
}

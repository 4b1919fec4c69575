// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The moment itself: writes are refused on the old master, the new one gets the last of them, then
 * takes writes. Whatever takes long has been done before, or comes after.
 *
 * <p>The old master's lock stays until {@link #release}, when replicas follow the new master: an
 * account that read_only does not hold can then reach none of them with a stray write.
 */
final class Handover implements AutoCloseable {
  private static final int WAIT_SECONDS = 20;
  private static final int NO_SUCH_THREAD = 1094;
  private static final Duration SHUTDOWN = Duration.ofMinutes(10);
  private static final Duration UPTIME_EVERY = Duration.ofMillis(500);

  private final Context move;
  private final Server from;
  private final Server to;
  private @Nullable Link fence;

  Handover(Context move) {
    this.move = move;
    this.from = move.from();
    this.to = move.to();
  }

  /** From the first refused write to the first possible one. */
  Duration run() {
    to.link();
    if (!to.readOnly()) {
      throw new MoveFailure(to + ": was started again and takes writes before it is the master");
    }
    for (Server server : move.servers().direct()) {
      server.link();
    }
    Link held = from.open(Duration.ZERO);
    fence = held;
    move.journal().write("fencing");
    move.hook().at("fencing");
    long start = System.nanoTime();
    try {
      held.run(from.dialect().fence());
    } catch (DatabaseError e) {
      if (e.code() == 1205) {
        throw new MoveFailure(
            from
                + ": a statement that writes did not end within 5 s, so writes could not be"
                + " stopped; look at SHOW PROCESSLIST",
            e);
      }
      throw e;
    }
    move.hook().at("fenced");
    Preflight.prepared(held)
        .ifPresent(xa -> {
          throw new MoveFailure(from + ": " + xa + "; XA COMMIT or XA ROLLBACK it");
        });
    Position end = from.position(held);
    if (move.copy() == Plan.CopyWay.FENCED) {
      copyFenced(end);
    } else {
      reach(to, end, move.gtid());
    }
    if (!move.gtid()) {
      filePositions(end);
    }
    Position own = detach(end);
    if (move.shutsDown()) {
      shutDown(held, end, own);
    }
    open(end, own, move.shutsDown() ? Optional.empty() : Optional.of(held));
    Duration refused = Duration.ofNanos(System.nanoTime() - start);
    move.journal().write("opened", Map.of("refused-ms", Long.toString(refused.toMillis())));
    move.hook().at("open-sent");
    return refused;
  }

  /** Lets the old master's lock go, and ends the sessions that waited for that to write. */
  void release() {
    Link held = fence;
    if (held != null && !move.shutsDown() && !from.dialect().releaseSession().isEmpty()) {
      try {
        endBlocked(held);
      } catch (DatabaseError e) {
        // What an old master that is gone has left to do is seen, and said, when it shall follow.
        move.progress().note(String.valueOf(e.getMessage()));
      }
    }
    close();
  }

  @Override
  public void close() {
    Link held = fence;
    if (held != null) {
      held.close();
      fence = null;
    }
  }

  /**
   * Ends the sessions that would write to the old master when the lock goes: those that wait for
   * it, and those with a transaction open. read_only does not hold accounts with READ_ONLY ADMIN.
   */
  private void endBlocked(Link fence) {
    LockSupport.parkNanos(Server.TRANSACTIONS_STALE.toNanos());
    boolean none =
        Server.eventually(
            Duration.ofSeconds(5),
            Server.TRANSACTIONS_STALE,
            () -> {
              Set<Long> sessions = blocked(fence);
              for (long id : sessions) {
                try {
                  fence.run("KILL " + id);
                } catch (DatabaseError e) {
                  if (e.code() != NO_SUCH_THREAD) {
                    throw e;
                  }
                }
              }
              return sessions.isEmpty();
            });
    if (!none) {
      move.progress()
          .note(
              from.address().place()
                  + ": sessions that wait to write there did not end: "
                  + blocked(fence));
    }
  }

  private static Set<Long> blocked(Link fence) {
    Set<Long> open = new TreeSet<>();
    fence
        .rows(
            "SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX"
                + " WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID())")
        .forEach(row -> open.add(row.number("id")));
    Set<Long> sessions = new TreeSet<>();
    for (Row row : fence.rows("SHOW FULL PROCESSLIST")) {
      long id = row.number("Id");
      boolean writes = open.contains(id) || row.get("State").matches("(?i)waiting for .*lock");
      if (writes && !replicates(row)) {
        sessions.add(id);
      }
    }
    return sessions;
  }

  private static boolean replicates(Row row) {
    return row.get("User").equals("system user") || row.get("Command").startsWith("Binlog Dump");
  }

  private void reach(Server server, Position end, boolean byGtid) {
    Link link = server.warm();
    String waited =
        link.value(
            byGtid
                ? server.dialect().awaitGtid(end.gtid(), WAIT_SECONDS)
                : server.dialect().awaitFile(end, WAIT_SECONDS));
    boolean timedOut =
        waited.isEmpty()
            || waited.equals("-1")
            || (byGtid && !server.version().mariaDb() && waited.equals("1"));
    if (timedOut) {
      throw new MoveFailure(
          server
              + ": has not reached "
              + end
              + " within "
              + WAIT_SECONDS
              + " s"
              + server.status().flatMap(ReplicaStatus::trouble).map(t -> ": " + t).orElse(""));
    }
  }

  /** Replicas that go on by place in the log must be at the very end of the old one. */
  private void filePositions(Position end) {
    for (Server server : move.servers().direct()) {
      reach(server, end, false);
    }
    Map<String, String> values = new HashMap<>(Context.values(end));
    move.journal().write("detached", values);
  }

  private void copyFenced(Position end) {
    Preparation preparation = new Preparation(move);
    move.journal().write("doing", Map.of("step", "clean-new"));
    preparation.clean();
    move.hook().at("copying");
    preparation.copy();
    move.hook().at("copied");
    to.link().run(to.dialect().seed(end, from.history()));
    for (Topology.Replica replica : move.servers().replicas()) {
      Position place = replica.parent() == from ? end : replica.parent().position();
      replica.server().await(place, false, Duration.ofSeconds(WAIT_SECONDS));
    }
    List<Server> others = new ArrayList<>(List.of(to));
    move.servers().replicas().forEach(replica -> others.add(replica.server()));
    int tables =
        new Checksums(
                from,
                List.of(),
                move.schemas(),
                move.patience(),
                move.progress(),
                () -> {},
                List.of())
            .compareAtRest(others);
    move.progress().note(tables + " tables are equal on " + (others.size() + 1) + " servers");
  }

  private void shutDown(Link fence, Position end, Position own) {
    long before = uptime(fence);
    long noted = System.nanoTime();
    Map<String, String> values = new HashMap<>(Context.values(own));
    values.putAll(endValues(end));
    move.journal().write("shutting-down", values);
    move.hook().at("shutting-down");
    try {
      fence.run("SHUTDOWN");
    } catch (DatabaseError e) {
      if (!e.unreachable()) {
        throw e;
      }
    }
    long[] asked = {System.nanoTime()};
    boolean down =
        Server.eventually(
            SHUTDOWN,
            () -> {
              if (!from.answers()) {
                return true;
              }
              if (System.nanoTime() - asked[0] > UPTIME_EVERY.toNanos()) {
                asked[0] = System.nanoTime();
                startedAnew(before, noted, end);
              }
              return false;
            });
    if (!down) {
      throw new MoveFailure(
          from + ": does not shut down within " + SHUTDOWN.toMinutes() + " minutes");
    }
    move.hook().at("shut-down");
  }

  /** Seconds since the server's start. */
  private static long uptime(Link link) {
    return link.row("SHOW GLOBAL STATUS LIKE 'Uptime'").number("Value");
  }

  /** Where it died instead, and its host has started it again, it takes writes as before. */
  private void startedAnew(long before, long noted, Position end) {
    long now;
    boolean otherLog;
    try {
      now = uptime(from.link());
      otherLog = !from.position().file().equals(end.file());
    } catch (DatabaseError e) {
      if (!e.unreachable()) {
        throw e;
      }
      return;
    }
    if (anew(before, Duration.ofNanos(System.nanoTime() - noted).toSeconds(), now, otherLog)) {
      throw new MoveFailure(from + ": ended and was started again before it could be shut down");
    }
  }

  /**
   * Whether a server is another one than before, by its uptimes, in whole seconds. One that was
   * young already may be up for as long again by the time it answers; but a server begins a binary
   * log whenever it starts.
   *
   * @param before how long it was up
   * @param passed how long ago that was
   * @param now how long it is up
   * @param otherLog whether its binary log is another one
   */
  static boolean anew(long before, long passed, long now, boolean otherLog) {
    return now < before || otherLog && now <= passed + 1;
  }

  /** Goes on where an earlier run had shut the old master down; the new one has everything. */
  void afterShutDown() {
    Journal.Entry noted =
        move.journal()
            .last("shutting-down")
            .orElseThrow(() -> new IllegalStateException("no shutdown was noted"));
    Position end =
        new Position(
            noted.value("end"), noted.value("end-file"), Long.parseLong(noted.value("end-offset")));
    open(end, Context.position(noted), Optional.empty());
    move.journal().write("opened", Map.of("refused-ms", "unknown"));
    move.hook().at("open-sent");
  }

  /** Where the old master ended, beside the new one's own place in a record. */
  private static Map<String, String> endValues(Position end) {
    return Map.of(
        "end", end.gtid(), "end-file", end.file(), "end-offset", Long.toString(end.offset()));
  }

  /**
   * The new host follows no one any more.
   *
   * @return its own place, at which it has everything and nothing else: replicas go on there. It is
   *     taken while the old master is still up, as a new host that dies after that, and is started
   *     again, may take writes before it is asked again
   */
  private Position detach(Position end) {
    Link link = to.warm();
    if (!link.rows(to.dialect().replicaStatus()).isEmpty()) {
      link.run(to.dialect().stopReplica());
      link.run(to.dialect().forget());
      move.hook().at("forgotten");
    }
    if (!move.gtid() && to.version().mariaDb()) {
      String state = link.value("SELECT @@GLOBAL.gtid_binlog_pos AS gtid");
      if (!end.gtid().isEmpty() && !GtidList.parse(state).covers(GtidList.parse(end.gtid()))) {
        String history =
            move.journal().last("history").map(entry -> entry.value("state")).orElse("");
        link.run(to.dialect().seed(end, history));
      }
    }
    return to.position(link);
  }

  /**
   * The new master's position is noted before writes are possible there, always.
   *
   * @param own the new master's place
   * @param fence the session that holds the old master's lock; empty where that is shut down
   */
  private void open(Position end, Position own, Optional<Link> fence) {
    Link link = to.warm();
    Map<String, String> values = new HashMap<>(Context.values(own));
    values.putAll(endValues(end));
    move.journal().write("opening", values);
    move.hook().at("opening");
    try {
      // A fence that fell with its server may have let writes in again; then there is no going on.
      fence.ifPresent(held -> held.run("SELECT 1"));
      if (fence.isEmpty() && from.answers()) {
        throw new MoveFailure(from + ": was shut down and was started again before the switch");
      }
      link = standing(link, own);
    } catch (MoveFailure e) {
      move.journal().write("not-opened");
      throw e;
    }
    link.run(to.dialect().allowWrites());
  }

  /**
   * The session, or a new one where the server died and its host has started it again: it takes
   * writes then already, and with all it had it is the new master.
   */
  private Link standing(Link session, Position own) {
    try {
      session.run("SELECT 1");
      return session;
    } catch (DatabaseError e) {
      if (!e.unreachable() || !to.answers() || !to.has(own)) {
        throw e;
      }
      return to.link();
    }
  }
}

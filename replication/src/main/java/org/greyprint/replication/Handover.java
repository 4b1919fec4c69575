// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The moment itself: writes are refused on the old master, the new one gets the last of them, then
 * takes writes. Whatever takes long has been done before, or comes after.
 */
final class Handover {
  private static final int WAIT_SECONDS = 20;

  private final Context move;
  private final Server from;
  private final Server to;

  Handover(Context move) {
    this.move = move;
    this.from = move.from();
    this.to = move.to();
  }

  /** From the first refused write to the first possible one. */
  Duration run() {
    to.link();
    for (Server server : move.servers().direct()) {
      server.link();
    }
    try (Link fence = from.open(Duration.ZERO)) {
      move.journal().write("fencing");
      move.hook().at("fencing");
      long start = System.nanoTime();
      try {
        fence.run(from.dialect().fence());
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
      Position end = from.position(fence);
      if (move.copy() == Plan.CopyWay.FENCED) {
        copyFenced(end);
      } else {
        reach(to, end, move.gtid());
      }
      if (!move.gtid()) {
        filePositions(end);
      }
      if (move.shutsDown()) {
        shutDown(fence, end);
      }
      open(end);
      Duration refused = Duration.ofNanos(System.nanoTime() - start);
      move.hook().at("open-sent");
      return refused;
    }
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
    to.link().run(to.dialect().seed(end));
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

  private void shutDown(Link fence, Position end) {
    move.journal().write("shutting-down", Context.values(end));
    move.hook().at("shutting-down");
    try {
      fence.run("SHUTDOWN");
    } catch (DatabaseError e) {
      if (!e.unreachable()) {
        throw e;
      }
    }
    boolean down = Server.eventually(Duration.ofMinutes(10), () -> !from.answers());
    if (!down) {
      throw new MoveFailure(from + ": does not shut down within 10 minutes");
    }
    move.hook().at("shut-down");
  }

  /** Goes on where an earlier run had shut the old master down; the new one has everything. */
  void afterShutDown() {
    open(
        move.recorded("shutting-down")
            .orElseThrow(() -> new IllegalStateException("no shutdown was noted")));
  }

  /** The new master's position is noted before writes are possible there, always (H1). */
  private void open(Position end) {
    Link link = to.warm();
    if (!link.rows(to.dialect().replicaStatus()).isEmpty()) {
      link.run(to.dialect().stopReplica());
      link.run(to.dialect().forget());
      move.hook().at("forgotten");
    }
    if (!move.gtid() && to.version().mariaDb()) {
      Optional<String> state = Optional.of(link.value("SELECT @@GLOBAL.gtid_binlog_pos AS gtid"));
      if (!end.gtid().isEmpty()
          && !GtidList.parse(state.get()).covers(GtidList.parse(end.gtid()))) {
        link.run(to.dialect().seed(end));
      }
    }
    Position own = to.position(link);
    Map<String, String> values = new HashMap<>(Context.values(own));
    values.put("end", end.gtid());
    values.put("end-file", end.file());
    values.put("end-offset", "" + end.offset());
    move.journal().write("opening", values);
    move.hook().at("opening");
    link.run(to.dialect().allowWrites());
  }
}

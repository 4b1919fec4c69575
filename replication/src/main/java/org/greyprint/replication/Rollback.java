// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Puts the old master back in service: writable, its replicas attached. */
final class Rollback {
  private static final Duration THREADS = Duration.ofSeconds(30);
  private static final Duration REMOVAL = Duration.ofSeconds(20);

  private final Context move;

  Rollback(Context move) {
    this.move = move;
  }

  /**
   * Undoes what the move changed. A replica or the new host that does not answer does not stand in
   * the way; the old master does, and it comes first.
   *
   * @param takeCopyAway whether the new host is emptied; not where the journal could not say so
   * @return what could not be put right and needs a hand; empty where all is as it was
   * @throws MoveFailure if the old master could not be put back
   */
  List<String> run(boolean takeCopyAway) {
    List<String> left = new ArrayList<>();
    Server from = move.from();
    // Without it nothing can be put back, and waiting for its replicas would be in vain.
    from.link();
    if (move.journal().last("fencing").isPresent()) {
      from.link().run(from.dialect().allowWrites());
    }
    if (hadEvents(from)) {
      from.link().run("SET GLOBAL event_scheduler=ON");
    }
    List<Server> attached = new ArrayList<>();
    for (Server replica : move.servers().direct()) {
      attempt(
          left,
          replica,
          () -> {
            attached(replica);
            attached.add(replica);
          });
    }
    attempt(left, move.to(), () -> newHost(takeCopyAway));
    Copy.sweep(move.journalFile());
    from.link().run(Token.removal());
    // A replica that is killed as it drops a schema writes that to its log by itself: errant.
    attached.forEach(replica -> attempt(left, replica, () -> Token.awaitRemoval(replica, REMOVAL)));
    if (from.readOnly()) {
      throw new MoveFailure(from + ": is still read_only: SET GLOBAL read_only=0 there");
    }
    return left;
  }

  private void attached(Server replica) {
    ReplicaStatus status = replica.status().orElseThrow(() -> new MoveFailure("follows no one"));
    if (!status.follows(move.from().address()) && status.follows(move.to().address())) {
      throw new MoveFailure("follows the new host");
    }
    if (!status.running()) {
      replica.link().run(replica.dialect().stopReplica());
      replica.link().run(replica.dialect().startReplica());
      Preparation.awaitThreads(replica, move.from(), THREADS);
    }
  }

  /** A new host that was a replica before is one again; a copy that was begun goes. */
  private void newHost(boolean takeCopyAway) {
    Server to = move.to();
    // It may have been started again, and takes writes then; none may come after the look.
    to.link().run(to.dialect().refuseWrites());
    try {
      OwnWrites.refuse(move.journal().all(), to, move.from());
    } catch (MoveFailure e) {
      // Once someone has looked and dropped what is there, it is an empty host again.
      detach(to);
      throw e;
    }
    if (seeded()) {
      if (to.status().isEmpty() && done("follow")) {
        Preparation.attach(
            to,
            move.from(),
            move.source(move.from(), true, move.recorded("detached"), move.back()));
      }
    } else if (takeCopyAway) {
      detach(to);
      if (copied()) {
        Copy.endForgottenImport(to);
        Copy.endPrepared(to);
        removeCopy(to);
      }
    }
    if (hadEvents(to)) {
      to.link().run("SET GLOBAL event_scheduler=ON");
    }
  }

  private static void detach(Server to) {
    if (to.status().isPresent()) {
      to.link().run(to.dialect().stopReplica());
      to.link().run(to.dialect().forget());
    }
  }

  /** Without a trace in its log, where only what someone else wrote shall be. */
  private void removeCopy(Server to) {
    try (Link link = to.open(Duration.ofHours(1))) {
      link.run("SET sql_log_bin=0");
      for (String schema : to.schemas()) {
        if (move.schemas().contains(schema) || schema.equals(Token.SCHEMA)) {
          link.run(Sql.of("DROP DATABASE " + Sql.name(schema)));
        }
      }
    }
  }

  private boolean done(String step) {
    return move.journal().current().stream()
        .anyMatch(e -> e.event().equals("done") && e.value("step").equals(step));
  }

  private boolean seeded() {
    return move.copy() == Plan.CopyWay.NONE;
  }

  /** Whether databases on the new host are a copy this move began. */
  private boolean copied() {
    return move.journal().current().stream()
        .anyMatch(e ->
            (e.event().equals("doing") && e.value("step").equals("clean-new"))
                || e.event().equals("copied"));
  }

  private boolean hadEvents(Server server) {
    return move.journal().current().stream()
        .anyMatch(entry ->
            entry.event().equals("events")
                && entry.value("server").equals(server.address().place()));
  }

  private static void attempt(List<String> left, Server server, Runnable work) {
    try {
      work.run();
    } catch (MoveFailure e) {
      String said = String.valueOf(e.getMessage());
      String name = server.address().toString();
      left.add(said.startsWith(name) ? said : name + ": " + said);
    }
  }
}

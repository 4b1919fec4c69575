// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Puts the old master back in service: writable, its replicas attached. */
final class Rollback {
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
    if (move.journal().last("fencing").isPresent()) {
      from.link().run(from.dialect().allowWrites());
    }
    if (hadEvents(from)) {
      from.link().run("SET GLOBAL event_scheduler=ON");
    }
    for (Server replica : move.servers().direct()) {
      attempt(left, replica, () -> attached(replica));
    }
    attempt(left, move.to(), () -> newHost(takeCopyAway));
    Copy.sweep(move.journalFile());
    from.link().run(Token.removal());
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
      Preparation.awaitThreads(replica, Duration.ofSeconds(30));
    }
  }

  /** A new host that was a replica before is one again; a copy that was begun goes. */
  private void newHost(boolean takeCopyAway) {
    Server to = move.to();
    if (seeded()) {
      if (to.status().isEmpty() && done("follow")) {
        Preparation.attach(
            to, move.source(move.from(), true, move.recorded("detached"), move.back()));
      }
    } else if (takeCopyAway) {
      if (to.status().isPresent()) {
        to.link().run(to.dialect().stopReplica());
        to.link().run(to.dialect().forget());
      }
      if (copied()) {
        Copy.endForgottenImport(to);
        Copy.endPrepared(to);
        for (String schema : to.schemas()) {
          if (move.schemas().contains(schema) || schema.equals(Token.SCHEMA)) {
            to.link().run(Sql.of("DROP DATABASE " + Sql.name(schema)));
          }
        }
      }
    }
    if (hadEvents(to)) {
      to.link().run("SET GLOBAL event_scheduler=ON");
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
      left.add(server.address().place() + ": " + e.getMessage());
    }
  }
}

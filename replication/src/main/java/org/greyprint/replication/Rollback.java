// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

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
   * the way; the old master does.
   *
   * @return what could not be put right and needs a hand; empty where all is as it was
   * @throws MoveFailure if the old master could not be put back
   */
  List<String> run() {
    List<String> left = new ArrayList<>();
    Server from = move.from();
    Server to = move.to();
    attempt(
        left,
        to,
        () -> {
          if (to.status().isPresent() && !seeded()) {
            to.link().run(to.dialect().stopReplica());
            to.link().run(to.dialect().forget());
          }
          if (copied()) {
            Copy.endForgottenImport(to);
            for (String schema : to.schemas()) {
              if (move.schemas().contains(schema) || schema.equals(Token.SCHEMA)) {
                to.link().run(Sql.of("DROP DATABASE " + Sql.name(schema)));
              }
            }
          }
        });
    boolean fenced =
        move.journal().last("fencing").isPresent() || move.journal().last("demoted").isPresent();
    if (fenced) {
      from.link().run(from.dialect().allowWrites());
    }
    if (hadEvents(from)) {
      from.link().run("SET GLOBAL event_scheduler=ON");
    }
    for (Server replica : move.servers().direct()) {
      attempt(
          left,
          replica,
          () -> {
            ReplicaStatus status =
                replica.status().orElseThrow(() -> new MoveFailure("follows no one"));
            if (!status.follows(from.address()) && status.follows(to.address())) {
              throw new MoveFailure("follows the new host");
            }
            if (!status.running()) {
              replica.link().run(replica.dialect().stopReplica());
              replica.link().run(replica.dialect().startReplica());
              Preparation.awaitThreads(replica, java.time.Duration.ofSeconds(30));
            }
          });
    }
    from.link().run(Token.removal());
    if (from.readOnly()) {
      throw new MoveFailure(from + ": is still read_only: SET GLOBAL read_only=0 there");
    }
    return left;
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

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps of a move in their order, and what happens when one fails. */
final class Steps {
  private final Context move;
  private final Journal journal;
  private boolean runsAgain;

  Steps(Context move) {
    this.move = move;
    this.journal = move.journal();
  }

  static boolean underWay(List<Journal.Entry> current) {
    return current.stream().anyMatch(entry -> entry.event().equals("begin"))
        && current.stream()
            .noneMatch(
                entry -> entry.event().equals("finished") || entry.event().equals("rolled-back"));
  }

  /**
   * Whether the new master takes writes: said by the journal, or its last word before was the
   * intent and the server says so itself.
   */
  boolean opened() {
    boolean asked = false;
    for (Journal.Entry entry : journal.current()) {
      switch (entry.event()) {
        case "opened" -> {
          return true;
        }
        case "opening" -> asked = true;
        case "not-opened" -> asked = false;
        default -> {}
      }
    }
    return asked && !move.to().readOnly();
  }

  /** Runs what is left to do. */
  Move.Outcome run() {
    try (Handover handover = new Handover(move)) {
      Optional<Duration> refused = Optional.empty();
      if (!opened()) {
        try {
          if (journal.last("shutting-down").isPresent() && !move.from().answers()) {
            handover.afterShutDown();
          } else {
            refused = Optional.of(approach(handover));
          }
        } catch (RuntimeException e) {
          handover.close();
          throw failed(e);
        }
      }
      return finish(handover, refused);
    }
  }

  private Move.Outcome finish(Handover handover, Optional<Duration> refused) {
    if (journal.last("opened").isEmpty()) {
      journal.write("opened", Map.of("refused-ms", "unknown"));
    }
    move.hook().at("opened");
    refused.ifPresent(d -> move.progress().note("writes were refused for " + d.toMillis() + " ms"));
    complete(handover);
    journal.write("finished");
    move.hook().at("finished");
    return new Move.Outcome(
        move.to().address()
            + " is the master"
            + (move.shutsDown()
                ? "; " + move.from().address() + (runsAgain ? " runs, read-only" : " is shut down")
                : "; " + move.from().address() + " follows it, read-only"),
        refused);
  }

  private MoveFailure failed(RuntimeException e) {
    String why = e instanceof MoveFailure ? String.valueOf(e.getMessage()) : e.toString();
    boolean past;
    try {
      past = opened();
    } catch (DatabaseError unreachable) {
      // The intent to open is noted and the new host does not answer: it may have taken writes.
      throw new MoveFailure(
          why
              + "; whether "
              + move.to().address()
              + " took writes already cannot be told while it"
              + " does not answer: start it and run the same command again",
          e);
    }
    if (past) {
      return new MoveFailure(why + "; past the point of no return: run the same command again", e);
    }
    if (journal.last("shutting-down").isPresent() && !move.from().answers()) {
      return new MoveFailure(
          why
              + "; "
              + move.from().address()
              + " is shut down and "
              + move.to().address()
              + " has everything: put that right and run the same command again, or start the old"
              + " master and --back",
          e);
    }
    try {
      return new MoveFailure(why + "; " + rollBack(why), e);
    } catch (RuntimeException also) {
      String said = String.valueOf(also.getMessage());
      return new MoveFailure(
          why
              + "; rolling back is not finished"
              + (said.equals(why) ? "" : ": " + said)
              + "; run the same command again when it answers, or --back",
          e);
    }
  }

  /**
   * Rolls back; gives the line that says so. Where the journal cannot be written (a full disk) the
   * old master is put back in service all the same, and the copy stays, as the journal has it.
   */
  String rollBack(String why) {
    List<String> left = new ArrayList<>();
    boolean noted = noted(left, "rolling-back", Map.of("why", why));
    move.hook().at("rolling-back");
    left.addAll(new Rollback(move).run(noted));
    if (noted) {
      noted(left, "rolled-back", Map.of());
      move.hook().at("rolled-back");
    }
    String said =
        "rolled back: "
            + move.from().address()
            + " is writable and its replicas are attached"
            + (left.isEmpty() ? "" : ", but: " + MoveFailure.join(left));
    move.progress().note(said);
    return said;
  }

  private boolean noted(List<String> left, String event, Map<String, String> values) {
    try {
      journal.write(event, values);
      return true;
    } catch (MoveFailure e) {
      left.add(e.getMessage() + ": make room, then run the same command again");
      return false;
    }
  }

  private Duration approach(Handover handover) {
    Preparation preparation = new Preparation(move);
    step("close-new", preparation::closeNew);
    if (move.copy() == Plan.CopyWay.ONLINE) {
      if (!done("copy")) {
        step("clean-new", preparation::clean);
        step("copy", preparation::copy);
      }
    }
    if (move.copy() != Plan.CopyWay.FENCED) {
      step("follow", preparation::follow);
    }
    step("token", preparation::token);
    if (move.copy() != Plan.CopyWay.FENCED && !done("compare-before")) {
      step("compare-before", preparation::compare);
    }
    step("ready", preparation::ready);
    move.progress().note("switching");
    return handover.run();
  }

  private void complete(Handover handover) {
    Completion completion = new Completion(move);
    List<String> left = new ArrayList<>();
    tryStep(left, "writable", completion::writable);
    if (!left.isEmpty()) {
      // No replica can follow it now.
      throw new MoveFailure(
          move.to().address()
              + " is the master, but it does not take writes: "
              + MoveFailure.join(left)
              + "; past the point of no return: put that right and run the same command again");
    }
    tryStep(left, "events", completion::events);
    for (Server replica : move.servers().direct()) {
      tryStep(left, "repoint " + replica.address().place(), () -> completion.repoint(replica));
    }
    handover.release();
    if (move.shutsDown()) {
      tryStep(left, "stay-down", () -> runsAgain = completion.runsAgain());
    } else {
      tryStep(left, "demote", completion::demote);
    }
    if (left.isEmpty()) {
      tryStep(left, "verify", completion::verify);
    }
    if (left.isEmpty() && !done("compare-after")) {
      tryStep(left, "compare-after", completion::compare);
    }
    if (left.isEmpty()) {
      tryStep(left, "tidy", completion::tidy);
    }
    if (!left.isEmpty()) {
      throw new MoveFailure(
          move.to().address()
              + " is the master and takes writes; left to do: "
              + MoveFailure.join(left)
              + "; put that right and run the same command again");
    }
  }

  private boolean done(String name) {
    return journal.current().stream()
        .anyMatch(entry -> entry.event().equals("done") && entry.value("step").equals(name));
  }

  private void step(String name, Runnable work) {
    move.progress().note(name);
    journal.write("doing", Map.of("step", name));
    move.hook().at("doing " + name);
    work.run();
    journal.write("done", Map.of("step", name));
    move.hook().at("done " + name);
  }

  private void tryStep(List<String> left, String name, Runnable work) {
    try {
      step(name, work);
    } catch (MoveFailure e) {
      left.add(name + ": " + e.getMessage());
    }
  }
}

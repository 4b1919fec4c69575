// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server killed at a step of a move: it is finished, or rolled back with the old master writable
 * and its replicas attached, and says so; and with the server back, the same command again gets to
 * the right end.
 */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class KilledServerPeerTest {
  private static final String WRITTEN = "took writes of its own";

  /** Who is killed. */
  enum Victim {
    OLD,
    NEW,
    REPLICA;

    MariaDb of(Rig rig) {
      return switch (this) {
        case OLD -> rig.from;
        case NEW -> rig.to;
        case REPLICA -> rig.replicas.getFirst();
      };
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GTID,OLD,fenced",
    "GTID,OLD,open-sent",
    "GTID,NEW,doing follow",
    "GTID,NEW,opening",
    "GTID,NEW,doing verify",
    "GTID,REPLICA,doing token",
    "FILE,OLD,doing token",
    "FILE,OLD,shutting-down",
    "FILE,OLD,rolled-back",
    "FILE,NEW,open-sent",
    "FILE,REPLICA,doing repoint"
  })
  void killedAt(MoveSettings.Method method, Victim victim, String place) {
    killed(method, victim, place, false, new LinkedHashSet<>());
  }

  /** The host's service manager starts it again at once, and knows nothing of a move. */
  @ParameterizedTest
  @CsvSource({
    "GTID,OLD,fenced",
    "GTID,OLD,opening",
    "GTID,OLD,open-sent",
    "GTID,NEW,fenced",
    "GTID,NEW,opening",
    "FILE,OLD,shutting-down",
    "FILE,NEW,done copy",
    "FILE,NEW,open-sent"
  })
  void killedAndStartedAgainAt(MoveSettings.Method method, Victim victim, String place) {
    killed(method, victim, place, true, new LinkedHashSet<>());
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "GTID,OLD,false",
    "GTID,NEW,false",
    "GTID,REPLICA,false",
    "FILE,OLD,false",
    "FILE,NEW,false",
    "FILE,REPLICA,false",
    "GTID,OLD,true",
    "GTID,NEW,true",
    "GTID,REPLICA,true",
    "FILE,OLD,true",
    "FILE,NEW,true",
    "FILE,REPLICA,true"
  })
  void killedAtEveryPlace(MoveSettings.Method method, Victim victim, boolean again) {
    List<AssertionError> wrong = new ArrayList<>();
    Set<String> places = new LinkedHashSet<>();
    Optional<String> place = Optional.of("begin");
    while (place.isPresent()) {
      String at = place.get();
      System.out.println(method + ": " + victim + " killed at " + at);
      try {
        killed(method, victim, at, again, places);
      } catch (AssertionError | RuntimeException e) {
        wrong.add(new AssertionError(victim + " killed at " + at + ": " + e.getMessage(), e));
      }
      place = places.stream().dropWhile(p -> !p.equals(at)).skip(1).findFirst();
    }
    assertThat(places).hasSizeGreaterThan(25);
    assertThat(wrong).isEmpty();
  }

  /** Places with a server's name in them are named alike in every run. */
  private static String plain(String place) {
    return place.replaceFirst(" 127\\.0\\.0\\.1:\\d+", "");
  }

  private static void killed(
      MoveSettings.Method method, Victim victim, String place, boolean again, Set<String> places) {
    boolean gtid = method == MoveSettings.Method.GTID;
    try (Rig rig = Rig.of(1, false, gtid);
        Writer writer = new Writer(rig.from, rig.to)) {
      writer.more(20);
      MoveSettings settings = rig.settings(method);
      AtomicBoolean done = new AtomicBoolean();
      AtomicBoolean failed = new AtomicBoolean();
      Move.Hook hook =
          at -> {
            places.add(plain(at));
            // No roll-back without a failure: one is made, once.
            if (place.startsWith("roll")
                && at.equals("fenced")
                && failed.compareAndSet(false, true)) {
              throw new MoveFailure("provoked");
            }
            if (plain(at).equals(place) && done.compareAndSet(false, true)) {
              victim.of(rig).kill();
              if (again) {
                victim.of(rig).launch();
              }
            }
          };
      String said = ended(rig.move(settings, hook));
      assertThat(done).isTrue();
      check(rig, victim, said);
      if (said.contains(WRITTEN)) {
        assertKept(rig, writer, settings);
        return;
      }
      restart(rig, victim, said, gtid);
      // A replica may need a moment to find its master again; until then the move is refused.
      String[] last = {said};
      Server.eventually(
          Duration.ofSeconds(30),
          Duration.ofMillis(200),
          () -> {
            last[0] = last[0].startsWith("DONE") ? last[0] : ended(rig.move(settings, hook));
            return last[0].startsWith("DONE");
          });
      assertThat(last[0]).startsWith("DONE");
      if (!gtid) {
        // It was shut down, or killed as it was to be: the last of it may take a moment.
        assertThat(rig.from.ended()).isTrue();
      }
      writer.more(20);
      assertThat(writer.missing(rig.to)).isEmpty();
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
    }
  }

  /**
   * The writer found the new host taking writes when that came back, behind the fence or as it was
   * to open: no such row is lost, and the next move does not sweep them away either.
   */
  private static void assertKept(Rig rig, Writer writer, MoveSettings settings) {
    List<Long> missing = writer.missing(rig.from);
    assertThat(writer.missing(rig.to)).doesNotContainAnyElementsOf(missing);
    assertThat(ended(rig.move(settings))).contains("refused, nothing was changed", WRITTEN);
    assertThat(writer.missing(rig.to)).doesNotContainAnyElementsOf(missing);
  }

  private static String ended(Move move) {
    try {
      return "DONE " + move.go().message();
    } catch (MoveFailure e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** What was said is what is. */
  private static void check(Rig rig, Victim victim, String said) {
    if (said.startsWith("DONE")) {
      return;
    }
    assertThat(said)
        .containsAnyOf(
            "rolled back: ",
            "rolling back is not finished",
            "past the point of no return",
            "takes writes; left to do",
            "has everything: put that right",
            "it does not take writes: ",
            "cannot be told");
    if (said.contains("rolled back: ") && rig.from.running()) {
      // One that was killed after the roll-back was looked at, and runs again, is being connected
      // to.
      Server.eventually(
          Duration.ofSeconds(20),
          () ->
              rig.replicas.stream()
                  .filter(MariaDb::running)
                  .map(replica -> replica.row("SHOW SLAVE STATUS").get("Slave_IO_Running"))
                  .allMatch("Yes"::equals));
      rig.assertMaster(rig.from, 1);
    }
    if (said.contains("left to do")) {
      assertThat(said).contains(rig.to.address() + " is the master");
    }
  }

  /**
   * As an administrator would, who reads what was said: what was killed is started again, and an
   * old master that is one no more comes back read-only, or not at all.
   */
  private static void restart(Rig rig, Victim victim, String said, boolean gtid) {
    MariaDb server = victim.of(rig);
    if (server.running()) {
      return;
    }
    boolean passed =
        said.startsWith("DONE")
            || said.contains("is the master and takes writes")
            || said.contains("past the point of no return")
            || said.contains("has everything");
    if (victim != Victim.OLD || !passed) {
      server.launch();
    } else if (gtid) {
      server.launch("--read-only");
    }
  }
}

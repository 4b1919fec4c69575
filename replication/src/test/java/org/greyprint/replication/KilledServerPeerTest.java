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
  private static final String STRAYED = "took writes after the move";

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
    "FILE,NEW,done follow",
    "FILE,NEW,shut-down",
    "FILE,NEW,open-sent",
    "FILE,REPLICA,doing token",
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
    "FILE,OLD,shut-down",
    "FILE,NEW,done copy",
    "FILE,NEW,shutting-down",
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
            places.add(MoveProcess.plain(at));
            // No roll-back without a failure: one is made, once.
            if (place.startsWith("roll")
                && at.equals("fenced")
                && failed.compareAndSet(false, true)) {
              throw new MoveFailure("provoked");
            }
            if (MoveProcess.plain(at).equals(place) && done.compareAndSet(false, true)) {
              victim.of(rig).kill();
              if (again) {
                victim.of(rig).launch();
              }
            }
          };
      String said = ended(rig.move(settings, hook));
      assertThat(done).isTrue();
      check(rig, victim, said);
      if (named(rig, writer, settings, said)) {
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
            return last[0].startsWith("DONE")
                || last[0].contains(WRITTEN)
                || last[0].contains(STRAYED);
          });
      if (named(rig, writer, settings, last[0])) {
        return;
      }
      if (!gtid && victim == Victim.REPLICA && last[0].contains("rows are missing or differ")) {
        assertNamedAlone(rig, writer, last[0]);
        return;
      }
      assertThat(last[0]).startsWith("DONE");
      if (!gtid) {
        assertOldIsNone(rig, again && victim == Victim.OLD, said, last[0]);
      }
      writer.more(20);
      assertThat(writer.missing(rig.to)).isEmpty();
      if (!gtid && victim == Victim.REPLICA && said.startsWith("DONE")) {
        // Nobody looked at it after that; its own note of its place may have been behind.
        assertWellOrBroken(rig, rig.replicas.getFirst());
        return;
      }
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
    }
  }

  /** Whether someone's writes stood in the way, and were named; then none of them is lost. */
  private static boolean named(Rig rig, Writer writer, MoveSettings settings, String said) {
    if (said.contains(WRITTEN)) {
      assertKept(rig, writer, settings);
      return true;
    }
    if (said.contains(STRAYED)) {
      List<Long> missing = writer.missing(rig.to);
      assertThat(writer.missing(rig.from)).doesNotContainAnyElementsOf(missing);
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("1");
      rig.assertMaster(rig.to, 1);
      return true;
    }
    return false;
  }

  /** An old master that was shut down is no master: it is down, or read-only. */
  private static void assertOldIsNone(Rig rig, boolean startedAgain, String first, String last) {
    if (last.contains("runs, read-only")) {
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("1");
      rig.from.kill();
    } else if (startedAgain && first.startsWith("DONE")) {
      // The move had looked at it for the last time.
      rig.from.kill();
    } else {
      // It was shut down, or killed as it was to be: the last of it may take a moment.
      assertThat(rig.from.ended()).isTrue();
    }
  }

  /** By file and position a killed replica may lose a row without an error: the checksums tell. */
  private static void assertNamedAlone(Rig rig, Writer writer, String said) {
    assertThat(said).contains("127.0.0.1:" + rig.replicas.getFirst().port() + " differs in");
    boolean back = said.contains("rolled back: ");
    MariaDb master = back ? rig.from : rig.to;
    assertThat(said).doesNotContain("127.0.0.1:" + (back ? rig.to : rig.from).port() + " differs");
    writer.more(20);
    assertThat(writer.missing(master)).isEmpty();
    rig.assertMaster(master, 1);
  }

  /** It holds what its master holds; or it has stopped, and says so. */
  private static void assertWellOrBroken(Rig rig, MariaDb replica) {
    Row[] status = new Row[1];
    boolean told =
        Server.eventually(
            Duration.ofSeconds(20),
            () -> {
              status[0] = replica.row("SHOW SLAVE STATUS");
              return status[0].number("Last_SQL_Errno") != 0
                  || Rig.sums(replica).equals(Rig.sums(rig.to));
            });
    assertThat(told).as(String.valueOf(status[0])).isTrue();
    replica.kill();
    rig.assertEqualEverywhere(rig.to);
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
    // Someone has looked, and does what was said.
    rig.to.sql("DROP DATABASE app");
    String[] last = {""};
    Server.eventually(
        Duration.ofSeconds(30),
        Duration.ofMillis(200),
        () -> {
          // The old master may count it among its replicas until it next hears of it.
          last[0] = ended(rig.move(settings));
          return last[0].startsWith("DONE");
        });
    assertThat(last[0]).startsWith("DONE");
    rig.assertMaster(rig.to, 1);
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

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server killed at a step of a move: it is finished, or rolled back with the old master writable
 * and its replicas attached, and says so; and with the server back, the same command again gets to
 * the right end.
 */
@Tag("peer")
@Tag("long")
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class KilledServerPeerTest {
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
    "FILE,NEW,open-sent",
    "FILE,REPLICA,doing repoint"
  })
  void killedAt(MoveSettings.Method method, Victim victim, String place) {
    killed(method, victim, place, new LinkedHashSet<>());
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(MoveSettings.Method.class)
  void killedAtEveryPlace(MoveSettings.Method method) {
    List<AssertionError> wrong = new ArrayList<>();
    for (Victim victim : Victim.values()) {
      Set<String> places = new LinkedHashSet<>();
      Optional<String> place = Optional.of("begin");
      while (place.isPresent()) {
        System.out.println(method + ": " + victim + " killed at " + place.get());
        try {
          killed(method, victim, place.get(), places);
        } catch (AssertionError e) {
          wrong.add(
              new AssertionError(victim + " killed at " + place.get() + ": " + e.getMessage(), e));
        }
        String last = place.get();
        place = places.stream().dropWhile(p -> !p.equals(last)).skip(1).findFirst();
      }
      assertThat(places).hasSizeGreaterThan(25);
    }
    assertThat(wrong).isEmpty();
  }

  /** Places with a server's name in them are named alike in every run. */
  private static String plain(String place) {
    return place.replaceFirst(" 127\\.0\\.0\\.1:\\d+", "");
  }

  private static void killed(
      MoveSettings.Method method, Victim victim, String place, Set<String> places) {
    boolean gtid = method == MoveSettings.Method.GTID;
    try (Rig rig = Rig.of(1, false, gtid);
        Writer writer = new Writer(rig.from, rig.to)) {
      writer.more(20);
      MoveSettings settings = rig.settings(method);
      AtomicBoolean done = new AtomicBoolean();
      Move.Hook hook =
          at -> {
            places.add(plain(at));
            if (plain(at).equals(place) && done.compareAndSet(false, true)) {
              victim.of(rig).kill();
            }
          };
      String said = ended(rig.move(settings, hook));
      assertThat(done).isTrue();
      check(rig, victim, said);
      for (int tries = 0; tries < 3 && !said.startsWith("DONE"); tries++) {
        restart(rig, gtid);
        said = ended(rig.move(settings, hook));
      }
      assertThat(said).startsWith("DONE");
      restart(rig, gtid);
      writer.more(20);
      assertThat(writer.missing(rig.to)).isEmpty();
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
    }
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
            "cannot be told");
    if (said.contains("rolled back: ")) {
      assertThat(victim).isNotEqualTo(Victim.OLD);
      rig.assertMaster(rig.from, 1);
    }
    if (said.contains("left to do")) {
      assertThat(said).contains(rig.to.address() + " is the master");
    }
  }

  /** As an administrator would: a master that was comes back read-only, or not at all. */
  private static void restart(Rig rig, boolean gtid) {
    boolean moved = rig.to.running() && rig.to.value("SELECT @@read_only").equals("0");
    boolean copied = moved && !rig.to.value("SHOW DATABASES LIKE 'app'").isEmpty();
    if (!rig.to.running()) {
      rig.to.launch();
    }
    if (!rig.from.running()) {
      if (gtid && copied) {
        rig.from.launch("--read-only");
      } else if (!copied) {
        rig.from.launch();
      }
    }
    MariaDb replica = rig.replicas.getFirst();
    if (!replica.running()) {
      replica.launch();
    }
  }
}

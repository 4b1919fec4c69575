// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Set;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@code kill -9} of the command at every boundary between its steps; the same command again always
 * goes on to the right end.
 */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class KilledCommandPeerTest {
  /** One move, killed at each place in turn: every run gets one place further. */
  @ParameterizedTest
  @EnumSource(MoveSettings.Method.class)
  void killedAtEveryPlaceInTurn(MoveSettings.Method method) {
    boolean gtid = method == MoveSettings.Method.GTID;
    try (Rig rig = Rig.of(1, false, gtid)) {
      rig.fill(200);
      MoveSettings settings = rig.settings(method);
      try (Writer writer = new Writer(rig.from, rig.to)) {
        writer.more(20);
        Set<String> places = untilDone(settings, "go");
        assertThat(places).contains("begin", "doing copy", "fenced", "opening", "open-sent");
        assertThat(places).contains(gtid ? "done demote" : "shut-down", "finished");
        writer.more(20);
        assertThat(writer.missing(rig.to)).isEmpty();
      }
      if (!gtid) {
        assertThat(rig.from.ended()).isTrue();
      }
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
      assertThat(MoveProcess.run(settings, "go", Set.of("*")).said())
          .contains("is the master: this move was done before");

      if (!gtid) {
        rig.from.launch("--read-only");
      }
      rig.to.sql("DELETE FROM app.rows");
      try (Writer writer = new Writer(rig.to, rig.from)) {
        writer.more(20);
        untilDone(settings, "back");
        writer.more(20);
        assertThat(writer.missing(rig.from)).isEmpty();
      }
      rig.assertEqualEverywhere(rig.from);
      rig.assertMaster(rig.from, 1);
    }
  }

  private static Set<String> untilDone(MoveSettings settings, String action) {
    Set<String> places = new LinkedHashSet<>();
    while (true) {
      MoveProcess.Ended ended = MoveProcess.run(settings, action, places);
      if (ended.place().isEmpty()) {
        assertThat(ended.failed()).as(places + ": " + ended.said()).isFalse();
        return places;
      }
      places.add(ended.place().get());
    }
  }

  /** A move of its own for each place: killed there once, then run again. */
  @Tag("long")
  @ParameterizedTest
  @EnumSource(MoveSettings.Method.class)
  void killedOnceAtEachPlace(MoveSettings.Method method) {
    boolean gtid = method == MoveSettings.Method.GTID;
    Set<String> places = new LinkedHashSet<>();
    while (true) {
      try (Rig rig = Rig.of(1, false, gtid);
          Writer writer = new Writer(rig.from, rig.to)) {
        writer.more(20);
        MoveSettings settings = rig.settings(method);
        MoveProcess.Ended ended = MoveProcess.run(settings, "go", places);
        if (ended.place().isEmpty()) {
          assertThat(places).hasSizeGreaterThan(25);
          return;
        }
        String place = MoveProcess.plain(ended.place().get());
        assertThat(places.add(place)).as(place).isTrue();
        MoveProcess.Ended again = MoveProcess.run(settings, "go", Set.of("*"));
        assertThat(again.failed()).as(place + ": " + again.said()).isFalse();
        writer.more(20);
        assertThat(writer.missing(rig.to)).as(place).isEmpty();
        rig.assertEqualEverywhere(rig.to);
        rig.assertMaster(rig.to, 1);
      }
    }
  }

  /** Killed, and then the administrator would rather have the old master back. */
  @ParameterizedTest
  @EnumSource(MoveSettings.Method.class)
  void killedBehindTheFenceAndRolledBack(MoveSettings.Method method) {
    boolean gtid = method == MoveSettings.Method.GTID;
    try (Rig rig = Rig.of(1, false, gtid);
        Writer writer = new Writer(rig.from, rig.to)) {
      writer.more(20);
      MoveSettings settings = rig.settings(method);
      assertThat(MoveProcess.run(settings, "go", Set.of("*", "!fenced")).place())
          .contains("fenced");
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("1");
      MoveProcess.Ended back = MoveProcess.run(settings, "back", Set.of("*"));
      assertThat(back.said()).contains("is the master as before");
      writer.more(20);
      rig.assertMaster(rig.from, 1);
      assertThat(rig.to.value("SHOW DATABASES LIKE 'app'")).isEmpty();
      assertThat(writer.missing(rig.from)).isEmpty();
      assertThat(MoveProcess.run(settings, "back", Set.of("*")).said())
          .contains("the move was rolled back before");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole way with real servers and a writer that counts what was acknowledged. */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class MovePeerTest {
  @ParameterizedTest
  @CsvSource({
    "GTID,0,false",
    "GTID,1,false",
    "GTID,3,true",
    "FILE,0,false",
    "FILE,1,false",
    "FILE,3,true"
  })
  void movesAndReturns(MoveSettings.Method method, int replicas, boolean chain) {
    boolean gtid = method == MoveSettings.Method.GTID;
    try (Rig rig = Rig.of(replicas, chain, gtid)) {
      rig.fill(2000);
      movesAndReturns(rig, method, replicas);
    }
  }

  /** There, with all that was acknowledged, and back with all that was acknowledged since. */
  static void movesAndReturns(Rig rig, MoveSettings.Method method, int direct) {
    boolean gtid = method == MoveSettings.Method.GTID;
    MoveSettings settings = rig.settings(method);
    try (Writer writer = new Writer(rig.from, rig.to)) {
      writer.more(50);
      Move.Outcome outcome = rig.move(settings).go();
      assertThat(outcome.refused()).isPresent();
      writer.more(50);
      assertThat(writer.missing(rig.to)).isEmpty();
    }
    if (!gtid) {
      assertThat(rig.from.ended()).isTrue();
    }
    rig.assertEqualEverywhere(rig.to);
    rig.assertMaster(rig.to, direct);
    if (gtid) {
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("1");
      assertThat(rig.from.row("SHOW SLAVE STATUS").get("Master_Port"))
          .isEqualTo("" + rig.to.port());
    }

    if (!gtid) {
      rig.from.launch("--read-only");
    }
    rig.to.sql("DELETE FROM app.rows");
    try (Writer writer = new Writer(rig.to, rig.from)) {
      writer.more(50);
      rig.move(settings).back();
      writer.more(20);
      assertThat(writer.missing(rig.from)).isEmpty();
    }
    rig.assertEqualEverywhere(rig.from);
    rig.assertMaster(rig.from, direct);
    assertThat(rig.to.value("SELECT @@read_only")).isEqualTo("1");
    assertThat(rig.to.row("SHOW SLAVE STATUS").get("Master_Port")).isEqualTo("" + rig.from.port());
  }

  @Test
  void thePlanChangesNothing() {
    try (Rig rig = Rig.of(1, false, true)) {
      List<String> before = rig.all().stream().map(s -> "" + s.row("SHOW MASTER STATUS")).toList();
      Plan plan = rig.move(rig.settings()).plan();
      assertThat(plan.refused()).as(plan.text()).isFalse();
      assertThat(plan.method()).isEqualTo(MoveSettings.Method.GTID);
      assertThat(plan.text()).contains("CHANGE MASTER TO", "MASTER_PASSWORD='****'");
      assertThat(plan.text()).doesNotContain(Rig.REPLICATION_PASSWORD, "secret");
      List<String> after = rig.all().stream().map(s -> "" + s.row("SHOW MASTER STATUS")).toList();
      assertThat(after).isEqualTo(before);
      assertThat(rig.folder.resolve("j1.journal")).doesNotExist();
    }
  }

  @ParameterizedTest
  @CsvSource({"GTID", "FILE"})
  void movesToANewerVersion(MoveSettings.Method method) {
    boolean gtid = method == MoveSettings.Method.GTID;
    MariaDb.Installed old = MariaDb.Installed.debian();
    MariaDb.Installed newer = MariaDb.Installed.newer();
    try (Rig rig = new RigOf(old, newer, gtid).rig()) {
      MoveSettings settings = rig.settings(method);
      try (Writer writer = new Writer(rig.from, rig.to)) {
        writer.more(50);
        rig.move(settings).go();
        writer.more(50);
        assertThat(writer.missing(rig.to)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"GTID", "FILE"})
  void movesAndReturnsWithTheSecondVersion(MoveSettings.Method method) {
    MariaDb.Installed newer = MariaDb.Installed.newer();
    try (Rig rig = new RigOf(newer, newer, method == MoveSettings.Method.GTID).rig()) {
      movesAndReturns(rig, method, 1);
    }
  }

  /** A set whose replica is of the old version, or of the new where the master is. */
  private record RigOf(MariaDb.Installed old, MariaDb.Installed newer, boolean gtid) {
    Rig rig() {
      return Rig.of(old, newer, old == newer ? 1 : 0, false, gtid);
    }
  }

  @Test
  void anOlderVersionIsRefused() {
    try (Rig rig = Rig.of(MariaDb.Installed.newer(), MariaDb.Installed.debian(), 0, false, true)) {
      Plan plan = rig.move(rig.settings()).plan();
      assertThat(plan.refused()).isTrue();
      assertThat(plan.text())
          .contains("older than the old master's MariaDB 11.4.5", "a dump of a newer server");
    }
  }
}

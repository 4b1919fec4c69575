// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole way with real servers and a writer that counts what was acknowledged. */
@Tag("peer")
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
    try (Rig rig = new Rig()) {
      rig.fill(2000);
      boolean gtid = method == MoveSettings.Method.GTID;
      for (int i = 0; i < replicas; i++) {
        rig.replica(rig.from, gtid);
      }
      if (chain) {
        rig.replica(rig.replicas.getFirst(), gtid);
      }
      MoveSettings settings = rig.settings(method);
      try (Writer writer = new Writer(rig.from, rig.to)) {
        writer.more(50);
        Move.Outcome outcome = rig.move(settings).go();
        assertThat(outcome.refused()).isPresent();
        writer.more(50);
        System.out.printf(
            "%s with %d replicas: refused %d ms by our watch, %.0f ms by the writer's%n",
            method,
            replicas,
            outcome.refused().orElseThrow().toMillis(),
            writer.longestGap().orElse(-1.0));
        assertThat(writer.missing(rig.to)).isEmpty();
      }
      assertThat(rig.from.running()).isEqualTo(gtid);
      assertEqualEverywhere(rig, rig.to);
      for (int i = 0; i < replicas; i++) {
        Row status = rig.replicas.get(i).row("SHOW SLAVE STATUS");
        assertThat(status.get("Master_Port")).isEqualTo("" + rig.to.port());
      }

      if (!rig.from.running()) {
        rig.from.launch("--read-only");
      }
      try (Writer writer = new BackWriter(rig).writer()) {
        rig.move(settings).back();
        writer.more(20);
        assertThat(writer.missing(rig.from)).isEmpty();
      }
      assertEqualEverywhere(rig, rig.from);
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("0");
      assertThat(rig.to.value("SELECT @@read_only")).isEqualTo("1");
    }
  }

  /** A second writer, on an emptied table. */
  private record BackWriter(Rig rig) {
    Writer writer() {
      rig.to.sql("DELETE FROM app.rows");
      Writer writer = new Writer(rig.to, rig.from);
      writer.more(50);
      return writer;
    }
  }

  static void assertEqualEverywhere(Rig rig, MariaDb master) {
    String right = Rig.sums(master);
    List<MariaDb> servers = rig.all();
    for (MariaDb server : servers) {
      await().atMost(Duration.ofSeconds(20)).until(() -> Rig.sums(server).equals(right));
      assertThat(server.value("SHOW DATABASES LIKE 'greyprint_move'")).isEmpty();
    }
  }

  @Test
  void thePlanChangesNothing() {
    try (Rig rig = new Rig()) {
      rig.replica(rig.from, true);
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
}

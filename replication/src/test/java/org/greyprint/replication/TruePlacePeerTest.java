// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A replica that follows by file and position, and whose note of its place is not true. */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class TruePlacePeerTest {
  private static Row awaitStatus(MariaDb replica, Predicate<Row> wanted) {
    Row[] status = new Row[1];
    Server.eventually(
        Duration.ofSeconds(20),
        () -> {
          status[0] = replica.row("SHOW SLAVE STATUS");
          return wanted.test(status[0]);
        });
    assertThat(status[0]).matches(wanted);
    return status[0];
  }

  /** As {@code kill -9} leaves it where the last of the note had not been written. */
  private static void setBack(Rig rig, MariaDb replica) throws IOException {
    Path note = replica.data().resolve("relay-log.info");
    byte[] before = Files.readAllBytes(note);
    rig.from.sql("INSERT INTO app.rows VALUES (-1, 'x'), (-2, 'y')");
    rig.from.sql("UPDATE app.counter SET n = n + 1");
    Rig.awaitReplica(replica, rig.from);
    replica.kill();
    Files.write(note, before);
    replica.launch();
    awaitStatus(replica, status -> status.get("Slave_IO_Running").equals("Yes"));
  }

  @Test
  void aNoteThatIsBehindIsPutRightByTheMove() throws IOException {
    try (Rig rig = Rig.of(1, false, false)) {
      MariaDb replica = rig.replicas.getFirst();
      setBack(rig, replica);
      awaitStatus(replica, status -> status.number("Last_SQL_Errno") == 1950);
      MoveSettings settings = rig.settings(MoveSettings.Method.FILE);
      Plan plan = rig.move(settings).plan();
      assertThat(plan.refused()).as(plan.text()).isFalse();
      assertThat(plan.text())
          .contains("was killed, and its place in its master's log is noted in a file")
          .contains("CHANGE MASTER TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=");
      awaitStatus(replica, status -> status.number("Last_SQL_Errno") == 1950);
      assertThat(rig.move(settings).go().message()).contains("is the master");
      assertThat(rig.from.ended()).isTrue();
      assertThat(rig.notes).anyMatch(note -> note.contains("goes on at its true place"));
      rig.to.sql("INSERT INTO app.rows VALUES (-3, 'z')");
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
    }
  }

  /** Its master went on to another file meanwhile, and writes on. */
  @Test
  void theTruePlaceMayBeInALaterFile() throws IOException {
    try (Rig rig = Rig.of(1, false, false)) {
      MariaDb replica = rig.replicas.getFirst();
      replica.sql("SET GLOBAL relay_log_purge=0");
      Path note = replica.data().resolve("relay-log.info");
      byte[] before = Files.readAllBytes(note);
      rig.from.run(List.of("FLUSH BINARY LOGS", "INSERT INTO app.rows VALUES (-1, 'x')"));
      Rig.awaitReplica(replica, rig.from);
      replica.kill();
      rig.from.sql("INSERT INTO app.rows VALUES (-2, 'y')");
      Files.write(note, before);
      replica.launch("--skip-slave-start");
      try (Server master = server(rig.from, rig);
          Server behind = server(replica, rig)) {
        replica.sql("START SLAVE");
        awaitStatus(replica, status -> status.number("Last_SQL_Errno") != 0);
        assertThat(TruePlace.of(behind, master).map(Position::file)).contains("binlog.000002");
        assertThat(TruePlace.restore(behind, master)).isTrue();
      }
      Rig.awaitReplica(replica, rig.from);
      assertThat(Rig.sums(replica)).isEqualTo(Rig.sums(rig.from));
    }
  }

  /** A row that is there already, and was not the master's: no place puts that right. */
  @Test
  void anErrorOfItsOwnIsRefusedAsBefore() {
    try (Rig rig = Rig.of(1, false, false)) {
      MariaDb replica = rig.replicas.getFirst();
      replica.run(List.of("SET sql_log_bin=0", "INSERT INTO app.rows VALUES (-1, 'x')"));
      rig.from.sql("INSERT INTO app.rows VALUES (-1, 'x')");
      awaitStatus(replica, status -> status.number("Last_SQL_Errno") == 1062);
      assertThatThrownBy(() -> rig.move(rig.settings(MoveSettings.Method.FILE)).go())
          .isInstanceOf(MoveFailure.class)
          .hasMessageContaining("refused, nothing was changed")
          .hasMessageContaining("does not replicate: SQL thread says No, error 1062");
    }
  }

  private static Server server(MariaDb server, Rig rig) {
    return Server.connect(server.address(), rig.access(), (address, sql, took, result) -> {});
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong while a move runs, made on real servers: survived, or rolled back and named. */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class HazardPeerTest {
  private static Move.Hook at(String place, Runnable what) {
    return here -> {
      if (here.equals(place)) {
        what.run();
      }
    };
  }

  private static String executed(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return "done";
    } catch (SQLException e) {
      return "error " + e.getErrorCode();
    }
  }

  /** Two rows missing on a replica: both threads say Yes, and only the checksums tell. */
  @Test
  void missingRowsAreFoundAndRolledBack() {
    try (Rig rig = Rig.of(1, false, true)) {
      rig.from.sql("INSERT INTO app.rows VALUES (-1, 'x'), (-2, 'y')");
      Rig.awaitReplica(rig.replicas.getFirst(), rig.from);
      rig.replicas
          .getFirst()
          .run(List.of("SET sql_log_bin=0", "DELETE FROM app.rows WHERE id < 0"));
      assertThatThrownBy(() -> rig.move(rig.settings()).go())
          .isInstanceOf(MoveFailure.class)
          .hasMessageContaining("rows are missing or differ, compared with")
          .hasMessageContaining(
              "127.0.0.1:" + rig.replicas.getFirst().port() + " differs in `app`.`rows`")
          .hasMessageContaining("rolled back: " + rig.from.address() + " is writable");
      rig.assertMaster(rig.from, 1);
      assertThat(rig.to.value("SHOW DATABASES LIKE 'app'")).isEmpty();
    }
  }

  /** Rows that went missing behind the copy, on the new host itself, once it is the master. */
  @Test
  void missingRowsAfterTheSwitchAreNamed() {
    try (Rig rig = Rig.of(1, false, true)) {
      rig.from.sql("INSERT INTO app.rows VALUES (-1, 'x'), (-2, 'y')");
      MoveSettings settings = rig.settings();
      Move move =
          rig.move(
              settings,
              at(
                  "fenced",
                  () ->
                      rig.replicas
                          .getFirst()
                          .run(
                              List.of("SET sql_log_bin=0", "DELETE FROM app.rows WHERE id = -1"))));
      assertThatThrownBy(move::go)
          .hasMessageContaining(rig.to.address() + " is the master and takes writes; left to do:")
          .hasMessageContaining("compare-after: rows are missing or differ");
      rig.replicas
          .getFirst()
          .run(List.of("SET sql_log_bin=0", "INSERT INTO app.rows VALUES (-1, 'x')"));
      assertThat(rig.move(settings).go().message()).contains("is the master");
      rig.assertEqualEverywhere(rig.to);
    }
  }

  /** The new host's sequence is far behind the old one's, under gtid_strict_mode. */
  @ParameterizedTest
  @EnumSource(MoveSettings.Method.class)
  void theSequenceOfTheNewMasterGoesOn(MoveSettings.Method method) {
    try (Rig rig = Rig.of(1, false, method == MoveSettings.Method.GTID)) {
      for (int i = 1; i <= 50; i++) {
        rig.from.sql("INSERT INTO app.rows VALUES (-" + i + ", 'x')");
      }
      MoveSettings settings = rig.settings(method);
      assertThat(rig.move(settings).plan().text())
          .contains("replicas would stop with error 1950 at the first write");
      rig.move(settings).go();
      assertThat(method == MoveSettings.Method.GTID || rig.from.ended()).isTrue();
      rig.to.sql("INSERT INTO app.rows VALUES (-100, 'new')");
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
    }
  }

  /** read_only does not hold SUPER; its write, and a transaction it has open, must not get in. */
  @Test
  void accountsWithEveryPrivilegeAreHeldToo() throws Exception {
    try (Rig rig = Rig.of(1, false, true);
        Connection waiting = rig.from.connect("root", "");
        Connection open = rig.from.connect("root", "")) {
      CompletableFuture<String> write = new CompletableFuture<>();
      Move.Hook hook =
          place -> {
            if (place.equals("fencing")) {
              executed(open, "BEGIN");
              executed(open, "INSERT INTO app.rows VALUES (-6, 'open')");
            }
            if (place.equals("fenced")) {
              Thread.ofVirtual()
                  .start(() ->
                      write.complete(
                          executed(waiting, "INSERT INTO app.rows VALUES (-5, 'super')")));
              Server.eventually(
                  Duration.ofSeconds(30),
                  () ->
                      !rig.from
                          .value(
                              "SELECT ID FROM information_schema.PROCESSLIST"
                                  + " WHERE STATE LIKE 'Waiting for%lock'")
                          .isEmpty());
            }
          };
      rig.move(rig.settings(), hook).go();
      assertThat(write.get()).startsWith("error");
      assertThat(executed(open, "COMMIT")).startsWith("error");
      assertThat(rig.from.value("SELECT COUNT(*) FROM app.rows")).isEqualTo("0");
      rig.assertEqualEverywhere(rig.to);
    }
  }

  /** An account with every privilege writes to the old master after the lock was let go. */
  @Test
  void aStrayWriteAfterTheSwitchIsNamed() {
    try (Rig rig = Rig.of(1, false, true)) {
      MoveSettings settings = rig.settings();
      Move move =
          rig.move(
              settings,
              at("doing demote", () -> rig.from.sql("INSERT INTO app.rows VALUES (-7, 's')")));
      assertThatThrownBy(move::go)
          .hasMessageContaining("left to do: demote: " + rig.from.address())
          .hasMessageContaining("took writes after the move")
          .hasMessageContaining("errant transactions");
      rig.assertMaster(rig.to, 1);
    }
  }

  /** By file and position the old master is shut down; its host starts it again, writable. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anOldMasterThatIsStartedAgainTakesNoWrites(boolean wrote) {
    try (Rig rig = new Rig()) {
      MoveSettings settings = rig.settings(MoveSettings.Method.FILE);
      Move move =
          rig.move(
              settings,
              at(
                  "open-sent",
                  () -> {
                    assertThat(rig.from.ended()).isTrue();
                    rig.from.launch();
                    if (wrote) {
                      rig.from.sql("INSERT INTO app.rows VALUES (-8, 'late')");
                    }
                  }));
      if (wrote) {
        assertThatThrownBy(move::go)
            .hasMessageContaining("left to do: stay-down: " + rig.from.address())
            .hasMessageContaining("took writes after the move");
      } else {
        assertThat(move.go().message())
            .isEqualTo(
                rig.to.address() + " is the master; " + rig.from.address() + " runs, read-only");
      }
      assertThat(rig.notes).anyMatch(n -> n.contains("was shut down and is running again"));
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("1");
      rig.assertMaster(rig.to, 0);
    }
  }

  /** Its host lost power, and its log was not forced to the disk. */
  @Test
  void aNewMasterThatLostWhatItHadIsNotTheMaster() {
    try (Rig rig = new Rig()) {
      MoveSettings settings = rig.settings(MoveSettings.Method.GTID);
      Move move = rig.move(settings, at("open-sent", () -> rig.to.sql("RESET MASTER")));
      assertThatThrownBy(move::go)
          .hasMessageContaining(rig.to.address() + ": has lost transactions it had")
          .hasMessageContaining(rig.from.address() + " has them");
      assertThat(rig.from.value("SELECT @@read_only")).isEqualTo("1");
    }
  }

  /** An application's transaction open across the switch: refused whole, not half there. */
  @Test
  void anOpenTransactionIsRefusedWhole() throws SQLException {
    try (Rig rig = Rig.of(0, false, true);
        Connection application = rig.from.connect("app", "appsecret")) {
      rig.move(
              rig.settings(),
              at(
                  "fencing",
                  () -> {
                    executed(application, "BEGIN");
                    executed(application, "INSERT INTO app.rows VALUES (-8, 'open')");
                  }))
          .go();
      assertThat(executed(application, "COMMIT")).startsWith("error");
      assertThat(rig.to.value("SELECT COUNT(*) FROM app.rows")).isEqualTo("0");
      rig.assertEqualEverywhere(rig.to);
    }
  }

  /** A statement that holds its locks: the fence gives up, and nothing is refused any more. */
  @Test
  void aLockThatIsHeldStopsTheFence() throws SQLException {
    try (Rig rig = Rig.of(1, false, true);
        Connection holder = rig.from.connect("root", "")) {
      Move move =
          rig.move(
              rig.settings(), at("fencing", () -> executed(holder, "LOCK TABLES app.rows WRITE")));
      assertThatThrownBy(move::go)
          .hasMessageContaining("a statement that writes did not end within 5 s")
          .hasMessageContaining("rolled back: " + rig.from.address() + " is writable");
      executed(holder, "UNLOCK TABLES");
      rig.assertMaster(rig.from, 1);
    }
  }

  @Test
  void anXaTransactionPreparedMeanwhile() {
    try (Rig rig = new Rig()) {
      Move move =
          rig.move(
              rig.settings(),
              at(
                  "fencing",
                  () ->
                      rig.from.run(
                          List.of(
                              "XA START 'late'",
                              "INSERT INTO app.rows VALUES (-9, 'x')",
                              "XA END 'late'",
                              "XA PREPARE 'late'"))));
      assertThatThrownBy(move::go)
          .hasMessageContaining("a prepared XA transaction: late")
          .hasMessageContaining("rolled back");
      rig.from.sql("XA COMMIT 'late'");
      assertThat(rig.from.value("SELECT COUNT(*) FROM app.rows")).isEqualTo("1");
    }
  }

  /** Tables that are in no snapshot: copied while writes are refused, and all is there. */
  @Test
  void tablesThatAreNotTransactionalMoveBehindTheFence() {
    try (Rig rig = Rig.of(1, false, false)) {
      rig.from.run(
          List.of(
              "CREATE TABLE app.plain (a INT) ENGINE=MyISAM", "INSERT INTO app.plain VALUES (1)"));
      try (Writer writer = new Writer(rig.from, rig.to)) {
        writer.more(20);
        rig.move(rig.settings()).go();
        writer.more(20);
        assertThat(writer.missing(rig.to)).isEmpty();
      }
      assertThat(rig.to.value("SELECT a FROM app.plain")).isEqualTo("1");
      assertThat(rig.from.ended()).isTrue();
      rig.assertEqualEverywhere(rig.to);
      rig.assertMaster(rig.to, 1);
    }
  }

  @Test
  void eventsRunOnTheNewMasterAlone() {
    try (Rig rig = Rig.of(1, false, true)) {
      rig.from.run(
          List.of(
              "CREATE EVENT app.tick ON SCHEDULE EVERY 1 DAY DO UPDATE app.counter SET n = n + 1",
              "SET GLOBAL event_scheduler=ON"));
      MoveSettings settings = rig.settings();
      rig.move(settings).go();
      String state = "SELECT STATUS FROM information_schema.EVENTS";
      assertThat(rig.to.value(state)).isEqualTo("ENABLED");
      assertThat(rig.to.value("SELECT @@event_scheduler")).isEqualTo("ON");
      assertThat(rig.from.value(state)).isEqualTo("SLAVESIDE_DISABLED");
      assertThat(rig.from.value("SELECT @@event_scheduler")).isEqualTo("OFF");
      rig.move(settings).back();
      assertThat(rig.from.value(state)).isEqualTo("ENABLED");
      assertThat(rig.from.value("SELECT @@event_scheduler")).isEqualTo("ON");
      assertThat(rig.to.value(state)).isEqualTo("SLAVESIDE_DISABLED");
    }
  }

  @Test
  void accountsRolesAndGrantsAreCarriedOver() throws SQLException {
    try (Rig rig = Rig.of(0, false, true)) {
      rig.from.run(
          List.of(
              "CREATE ROLE reader",
              "GRANT SELECT ON app.* TO reader",
              "CREATE USER ann@'%' IDENTIFIED BY 'annsecret'",
              "GRANT reader TO ann@'%'",
              "SET DEFAULT ROLE reader FOR ann@'%'",
              "GRANT SELECT ON app.counter TO PUBLIC"));
      // As an earlier run that ended between the account and its grants would leave it.
      rig.to.run(List.of("SET sql_log_bin=0", "CREATE USER app@'%' IDENTIFIED BY 'appsecret'"));
      rig.move(rig.settings()).go();
      for (String account : List.of("ann@'%'", "app@'%'", "repl@'%'")) {
        assertThat(grants(rig.to, account)).isEqualTo(grants(rig.from, account));
      }
      try (Connection ann = rig.to.connect("ann", "annsecret")) {
        assertThat(executed(ann, "SELECT COUNT(*) FROM app.rows")).isEqualTo("done");
      }
    }
  }

  private static String grants(MariaDb server, String account) {
    try (Link link = server.root()) {
      return link.rows("SHOW GRANTS FOR " + account).toString();
    }
  }

  /** The old master had a master before it; its transactions are no errant ones of replicas. */
  @Test
  void whatEarlierMastersWroteIsKnown() {
    try (Rig rig = Rig.of(1, false, true)) {
      rig.from.run(
          List.of(
              "SET SESSION server_id=77",
              "INSERT INTO app.rows VALUES (-10, 'x')",
              "SET SESSION server_id=1",
              "INSERT INTO app.rows VALUES (-11, 'x')"));
      rig.move(rig.settings()).go();
      StatusReport report =
          StatusReport.of(
              List.of(rig.to.address(), rig.from.address(), rig.replicas.getFirst().address()),
              rig.access());
      assertThat(report.text()).doesNotContain("errant");
      assertThat(rig.to.value("SELECT @@gtid_binlog_state")).contains("0-77-");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the preflight refuses, each made on real servers and taken away again. */
@Tag("peer")
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class RefusalPeerTest {
  @SuppressWarnings("NullAway.Init")
  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = Rig.of(1, false, true);
  }

  @AfterAll
  static void end() {
    rig.close();
  }

  private static MariaDb replica() {
    return rig.replicas.getFirst();
  }

  /** With the replica named: one that is not attached at the moment is found in no other way. */
  private static Plan plan() {
    return rig.move(
            rig.settings()
                .withReplicas(List.of(replica().address()))
                .withLimits(Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(60)))
        .plan();
  }

  private static void assertRefused(String... words) {
    boolean refused =
        Server.eventually(
            Duration.ofSeconds(60),
            () ->
                plan().findings().stream()
                    .anyMatch(f -> f.refused() && contains(f.toString(), words)));
    assertThat(refused).as(plan().text()).isTrue();
  }

  private static boolean contains(String text, String... words) {
    return List.of(words).stream().allMatch(text::contains);
  }

  private static void assertFine() {
    boolean fine = Server.eventually(Duration.ofSeconds(60), () -> !plan().refused());
    assertThat(fine).as(plan().text()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "to   | SET GLOBAL server_id=1 | SET GLOBAL server_id=2 | its server_id 1 is that of",
        "to   | SET GLOBAL server_id=3 | SET GLOBAL server_id=2 | its server_id 3 is that of",
        "from | SET GLOBAL read_only=1 | SET GLOBAL read_only=0 | read_only is set already",
        "to   | CREATE DATABASE other | DROP DATABASE other | is not empty: it has other",
        "to   | SET GLOBAL max_allowed_packet=1048576 | SET GLOBAL max_allowed_packet=16777216"
            + " | max_allowed_packet is 1048576, less than on the old master",
        "from | CREATE TABLE app.v (a INT) WITH SYSTEM VERSIONING | DROP TABLE app.v"
            + " | system-versioned tables, whose history no dump carries: `app`.`v`",
        "from | XA START 'x1';INSERT INTO app.rows VALUES (-1, 'x');XA END 'x1';XA PREPARE 'x1'"
            + " | XA ROLLBACK 'x1' | a prepared XA transaction: x1"
      })
  void whatIsRefused(String where, String make, String undo, String words) {
    MariaDb server = where.strip().equals("to") ? rig.to : rig.from;
    server.run(List.of(make.strip().split(";")));
    try {
      assertRefused(words.strip());
    } finally {
      server.run(List.of(undo.strip().split(";")));
    }
    assertFine();
  }

  @Test
  void aLongTransaction() throws SQLException {
    try (Connection application = rig.from.connect("app", "appsecret");
        Statement statement = application.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("INSERT INTO app.rows VALUES (-2, 'x')");
      assertRefused("a long transaction: connection", "open for", "wait for it, or KILL it");
    }
    assertFine();
  }

  @Test
  void anErrantTransaction() {
    replica().sql("INSERT INTO app.rows VALUES (-3, 'errant')");
    try {
      assertRefused("errant transactions, written there and not on the master", "0-3-");
      assertThat(StatusReport.of(List.of(rig.from.address(), replica().address()), rig.access()))
          .satisfies(report -> {
            assertThat(report.healthy()).isFalse();
            assertThat(report.text()).contains("errant transactions, not on", "0-3-");
          });
    } finally {
      replica()
          .run(
              List.of(
                  "STOP SLAVE",
                  "SET sql_log_bin=0",
                  "DELETE FROM app.rows WHERE id = -3",
                  "RESET MASTER",
                  "START SLAVE"));
    }
    assertFine();
  }

  @Test
  void aReplicaThatLags() throws SQLException {
    try (Connection holder = replica().connect("root", "");
        Statement statement = holder.createStatement()) {
      statement.execute("LOCK TABLES app.rows WRITE");
      rig.from.sql("INSERT INTO app.rows VALUES (-4, 'x')");
      assertRefused(" s behind its master", "wait until it has caught up");
    }
    rig.from.sql("DELETE FROM app.rows WHERE id = -4");
    assertFine();
  }

  @Test
  void aReplicaThatFiltersOrStandsStill() {
    replica()
        .run(List.of("STOP SLAVE", "SET GLOBAL replicate_ignore_table='app.none'", "START SLAVE"));
    assertRefused("a filter: Replicate_Ignore_Table=app.none");
    replica().run(List.of("STOP SLAVE", "SET GLOBAL replicate_ignore_table=''"));
    assertRefused("does not replicate: IO thread says No");
    replica()
        .run(
            List.of(
                "CHANGE MASTER TO MASTER_USE_GTID=no, MASTER_LOG_FILE='binlog.000001',"
                    + " MASTER_LOG_POS=99999999",
                "START SLAVE"));
    assertRefused("does not replicate: IO thread says No", "error 1236");
    replica()
        .run(
            List.of(
                "STOP SLAVE",
                "CHANGE MASTER TO MASTER_USE_GTID=slave_pos, MASTER_PASSWORD='wrong'",
                "START SLAVE"));
    assertRefused("does not replicate: IO thread says Connecting", "error 1045");
    replica()
        .run(
            List.of(
                "STOP SLAVE",
                "CHANGE MASTER TO MASTER_PASSWORD='" + Rig.REPLICATION_PASSWORD + "'",
                "START SLAVE"));
    assertFine();
  }

  @Test
  void tablesThatAreNotTransactional() {
    rig.from.sql("CREATE TABLE app.plain (a INT) ENGINE=MyISAM");
    try {
      Plan asked = rig.move(rig.settings(MoveSettings.Method.GTID)).plan();
      assertThat(asked.refused()).isTrue();
      assertThat(asked.text())
          .contains("GTID is not possible: tables that are not transactional: `app`.`plain`");
      Plan chosen = rig.move(rig.settings()).plan();
      assertThat(chosen.method()).isEqualTo(MoveSettings.Method.FILE);
      assertThat(chosen.copy()).isEqualTo(Plan.CopyWay.FENCED);
      assertThat(chosen.text()).contains("dump and import while writes are refused");
    } finally {
      rig.from.sql("DROP TABLE app.plain");
    }
    assertFine();
  }

  @Test
  void accountsAndPrivileges() {
    rig.from.run(List.of("CREATE USER weak@'%'", "GRANT SELECT ON *.* TO weak@'%'"));
    rig.to.run(
        List.of(
            "CREATE USER app@'%' IDENTIFIED BY 'another'",
            "CREATE USER weak@'%'", "GRANT SELECT ON *.* TO weak@'%'"));
    try {
      assertRefused("the account 'app'@'%' is not the same as on");
      MoveSettings settings = rig.settings();
      MoveSettings weak =
          MoveSettings.of(
              settings.from().as("weak"), settings.to(), settings.access(), settings.journal());
      assertThatThrownBy(() -> rig.move(weak).plan())
          .hasMessageContaining("the account weak lacks INSERT, DELETE")
          .hasMessageContaining("READ_ONLY ADMIN");
      MoveSettings wrong =
          MoveSettings.of(
              settings.from(),
              settings.to(),
              Access.password("").replicatingAs("repl", "wrong"),
              settings.journal());
      assertThat(rig.move(wrong).plan().text())
          .contains("the replication account cannot log in", "GREYPRINT_REPLICATION_PASSWORD");
    } finally {
      rig.from.sql("DROP USER weak@'%'");
      rig.to.run(List.of("DROP USER app@'%'", "DROP USER weak@'%'"));
    }
    assertFine();
  }

  @Test
  void noLogAndNoRoom() {
    try (MariaDb bare =
        MariaDb.start(MariaDb.Installed.debian(), rig.folder, 9, "--skip-log-bin")) {
      MoveSettings settings =
          MoveSettings.of(
              rig.from.address(), bare.address(), rig.access(), rig.folder.resolve("bare"));
      assertThat(rig.move(settings).plan().text())
          .contains("log-bin is off; a master needs it: set log-bin there and restart it");
    }
  }

  @Test
  void aReplicaThatCannotBeConfirmed() {
    Access access =
        new Access(
            address -> address.port() == replica().port() ? "wrong" : "",
            Optional.of("repl"),
            Optional.of(Rig.REPLICATION_PASSWORD),
            Access.Tls.OFF,
            Duration.ofSeconds(5));
    MoveSettings settings =
        MoveSettings.of(
            rig.from.address(), rig.to.address(), access, rig.folder.resolve("unknown"));
    assertThat(rig.move(settings).plan().text())
        .contains(
            "a replica with server id 3 is attached and could not be confirmed (root@127.0.0.1:");
    Plan given =
        rig.move(settings.withReplicas(List.of(replica().address(), rig.to.address()))).plan();
    assertThat(given.text()).contains("wrong user or password");
  }

  @Test
  void wrongPasswordNoRouteAndNoAnswer() throws IOException {
    Address from = rig.from.address();
    MoveSettings wrong =
        MoveSettings.of(
            from, rig.to.address(), Access.password("wrong"), rig.folder.resolve("wrong"));
    assertThatThrownBy(() -> rig.move(wrong).go())
        .isInstanceOf(MoveFailure.class)
        .hasMessageContaining(from + ": wrong user or password");
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Address nobody = new Address("root", "127.0.0.1", silent.getLocalPort());
      Access hasty =
          new Access(
              address -> "",
              Optional.empty(),
              Optional.empty(),
              Access.Tls.OFF,
              Duration.ofSeconds(1));
      MoveSettings unanswered = MoveSettings.of(from, nobody, hasty, rig.folder.resolve("silent"));
      assertThatThrownBy(() -> rig.move(unanswered).go())
          .hasMessageContaining(nobody + ": does not answer");
      silent.close();
      assertThatThrownBy(() -> rig.move(unanswered).go())
          .hasMessageContaining(nobody + ": does not answer")
          .hasMessageContaining("is there a route and no firewall?");
    }
    assertThat(Files.exists(rig.folder.resolve("silent"))).isTrue();
    assertFine();
  }

  @Test
  void statusSaysWhoFollowsWhom() {
    rig.from.sql("FLUSH BINARY LOGS");
    StatusReport[] report = new StatusReport[1];
    boolean healthy =
        Server.eventually(
            Duration.ofSeconds(60),
            () -> {
              report[0] =
                  StatusReport.of(
                      List.of(rig.from.address(), replica().address(), rig.to.address()),
                      rig.access());
              return report[0].healthy();
            });
    assertThat(healthy).as(report[0].text()).isTrue();
    assertThat(report[0].text())
        .contains(
            rig.from.address().place() + "  MariaDB 10.11",
            "followed by server id 3",
            "follows 127.0.0.1:" + rig.from.port() + " by GTID, IO Yes, SQL Yes, 0 s behind",
            "\"Waiting for master to send event\"");
  }
}

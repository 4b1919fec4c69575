// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Writer;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code db move} and {@code db status} as an administrator runs them, with real servers. */
@Tag("peer")
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb", "script"})
class DbCommandsPeerTest {
  private static final String PASSWORD = "adm'in \"1";
  private static final String REPLICATION = "repl-pw";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private final List<Process> servers = new ArrayList<>();
  private final int[] ports = new int[4];

  /** 1 is the master, 2 the new host, 3 a replica. */
  @BeforeEach
  void start() throws IOException {
    Path template = Files.createDirectory(folder.resolve("template"));
    List<String> user = Programs.isRoot() ? List.of("--user=root") : List.of();
    List<String> install = new ArrayList<>();
    install.add("mariadb-install-db");
    install.addAll(
        List.of(
            "--no-defaults",
            "--datadir=" + template,
            "--tmpdir=" + folder,
            "--auth-root-authentication-method=normal",
            "--skip-test-db"));
    install.addAll(user);
    assertThat(Programs.run(LIMIT, install).status()).isZero();
    for (int id = 1; id <= 3; id++) {
      Path data = folder.resolve("data" + id);
      Path temporary = Files.createDirectory(folder.resolve("tmp" + id));
      assertThat(
              Programs.run(LIMIT, List.of("cp", "-a", template.toString(), data.toString()))
                  .status())
          .isZero();
      try (ServerSocket socket = new ServerSocket(0)) {
        ports[id] = socket.getLocalPort();
      }
      List<String> command = new ArrayList<>();
      command.add(Programs.find("mariadbd").orElseThrow().toString());
      command.add("--no-defaults");
      command.addAll(user);
      command.addAll(
          List.of(
              "--datadir=" + data,
              "--tmpdir=" + temporary,
              "--socket=" + temporary.resolve("s"),
              "--pid-file=" + temporary.resolve("pid"),
              "--port=" + ports[id],
              "--bind-address=127.0.0.1",
              "--server-id=" + id,
              "--log-bin=" + data.resolve("binlog"),
              "--log-slave-updates",
              "--binlog-format=ROW",
              "--gtid-strict-mode=ON",
              "--skip-name-resolve",
              "--report-host=127.0.0.1",
              "--report-port=" + ports[id],
              "--performance-schema=OFF",
              "--innodb-buffer-pool-size=32M",
              "--innodb-flush-log-at-trx-commit=2",
              "--log-error=" + temporary.resolve("err.log")));
      servers.add(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start());
    }
    for (int id = 1; id <= 3; id++) {
      int one = id;
      Awaitility.await().atMost(LIMIT).until(() -> sql(one, "SELECT 1").equals("1"));
    }
    String quoted = "'" + PASSWORD.replace("'", "''") + "'";
    String admin =
        "CREATE USER admin@'%' IDENTIFIED BY "
            + quoted
            + "; GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION";
    sql(
        1,
        admin
            + "; CREATE USER repl@'%' IDENTIFIED BY 'repl-pw'; GRANT REPLICATION SLAVE ON *.* TO"
            + " repl@'%'; CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, text"
            + " VARCHAR(200)) ENGINE=InnoDB; INSERT INTO shop.orders SELECT seq, REPEAT(MD5(seq),"
            + " 4) FROM shop.seq_1_to_5000");
    sql(2, admin);
    sql(
        3,
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT="
            + ports[1]
            + ", MASTER_USER='repl', MASTER_PASSWORD='repl-pw', MASTER_CONNECT_RETRY=1,"
            + " MASTER_USE_GTID=slave_pos; START SLAVE");
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> sql(3, "SELECT COUNT(*) FROM shop.orders").equals("5000"));
  }

  @AfterEach
  void end() throws InterruptedException {
    for (Process server : servers) {
      server.destroyForcibly().waitFor();
    }
  }

  /** Asks a server as root, who has no password in these; "" where it cannot be asked. */
  private String sql(int id, String statement) {
    return Programs.run(
            LIMIT,
            List.of(
                "mariadb",
                "--no-defaults",
                "-h127.0.0.1",
                "-uroot",
                "-N",
                "-P" + ports[id],
                "-e",
                statement))
        .out()
        .strip();
  }

  private String at(int id) {
    return "admin@127.0.0.1:" + ports[id];
  }

  private List<String> greyprint(String... arguments) {
    List<String> command = Programs.jvm("128m", Main.class);
    command.add("db");
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private String[] move(String... more) {
    return Stream.concat(
            Stream.of("move", at(1), at(2), "--journal", folder.resolve("move.journal").toString()),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private Programs.Result run(Map<String, String> environment, String... arguments) {
    return Programs.run(LIMIT, environment, greyprint(arguments));
  }

  private static final Map<String, String> ENVIRONMENT =
      Map.of("GREYPRINT_DB_PASSWORD", PASSWORD, "GREYPRINT_REPLICATION_PASSWORD", REPLICATION);

  @Test
  void planMoveStatusAndBack() throws IOException {
    Programs.Result wrong = run(Map.of(), move());
    assertThat(wrong.status()).isEqualTo(Main.FAULT);
    assertThat(wrong.out()).startsWith("greyprint: " + at(1) + ": wrong user or password");

    Programs.Result plan = run(ENVIRONMENT, move());
    assertThat(plan.status()).as(plan.out()).isEqualTo(Main.DONE);
    assertThat(plan.out())
        .startsWith("method: GTID")
        .contains("replicas: admin@127.0.0.1:" + ports[3] + " (follows 127.0.0.1:" + ports[1] + ")")
        .endsWith("Nothing was changed. Do it with --go.\n");
    assertThat(folder.resolve("move.journal")).doesNotExist();

    sql(2, "SET GLOBAL server_id=3");
    Programs.Result refused = run(ENVIRONMENT, move("--go"));
    assertThat(refused.status()).isEqualTo(Main.FAULT);
    assertThat(refused.out()).contains("greyprint: refused, nothing was changed: ", "server_id 3");
    sql(2, "SET GLOBAL server_id=2");

    // Each server has its line; the replication account's is among them.
    Path passwords =
        Files.createFile(
            folder.resolve("passwords"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(
        passwords,
        List.of(
            at(1) + " " + PASSWORD,
            at(2) + " " + PASSWORD,
            at(3) + " " + PASSWORD,
            "repl@127.0.0.1:" + ports[1] + " " + REPLICATION));
    Programs.Result done = run(Map.of(), move("--go", "--password-file", passwords.toString()));
    assertThat(done.status()).as(done.out()).isEqualTo(Main.DONE);
    assertThat(done.out())
        .contains("dump and import\n", "1 tables are equal on 3 servers", "writes were refused for")
        .endsWith(at(2) + " is the master; " + at(1) + " follows it, read-only\n");
    assertThat(sql(3, "SHOW SLAVE STATUS")).contains("" + ports[2]);

    Programs.Result again = run(ENVIRONMENT, move("--go"));
    assertThat(again.status()).isEqualTo(Main.DONE);
    assertThat(again.out()).contains("is the master: this move was done before");

    Programs.Result status = run(ENVIRONMENT, "status", at(2), at(1), at(3));
    assertThat(status.status()).as(status.out()).isEqualTo(Main.DONE);
    assertThat(status.out())
        .contains(
            "127.0.0.1:" + ports[2] + "  MariaDB ",
            "server id 2  takes writes",
            "server id 1  read-only",
            "follows 127.0.0.1:" + ports[2] + " by GTID, IO Yes, SQL Yes, 0 s behind");
    sql(3, "STOP SLAVE");
    Programs.Result stopped = run(ENVIRONMENT, "status", at(3));
    assertThat(stopped.status()).isEqualTo(Main.FAULT);
    assertThat(stopped.out()).contains("IO No, SQL No");
    sql(3, "START SLAVE");

    Programs.Result back = run(ENVIRONMENT, move("--back"));
    assertThat(back.status()).as(back.out()).isEqualTo(Main.DONE);
    assertThat(back.out())
        .endsWith(at(1) + " is the master; " + at(2) + " follows it, read-only\n");
    String written =
        Files.readString(folder.resolve("move.journal"))
            + Files.readString(folder.resolve("move.journal.log"));
    assertThat(written + plan.out() + done.out() + back.out())
        .doesNotContain(PASSWORD, REPLICATION);
  }

  /** On a terminal: passwords are asked for and not shown, the replicas confirmed, bars drawn. */
  @Test
  void onATerminal() throws IOException, InterruptedException {
    String none = terminal("n");
    assertThat(none)
        .contains(
            "(gtid); replicas found: admin@127.0.0.1:" + ports[3],
            "Are these all? [y/N]",
            "greyprint: not confirmed, nothing was changed",
            "status=1");
    assertThat(sql(2, "SHOW DATABASES LIKE 'shop'")).isEmpty();
    String done = terminal("y");
    assertThat(done)
        .contains("dump and import", "100%", at(2) + " is the master; ", "status=0")
        .doesNotContain(PASSWORD, REPLICATION);
  }

  /** Runs the move on a terminal of its own and types what it asks for, when it asks. */
  private String terminal(String confirmation) throws IOException, InterruptedException {
    StringBuilder line = new StringBuilder();
    for (String word : greyprint(move("--go"))) {
      line.append('\'').append(word).append("' ");
    }
    Process process =
        new ProcessBuilder(
                "script", "-qec", "stty cols 200; " + line + "; echo status=$?", "/dev/null")
            .redirectErrorStream(true)
            .start();
    StringBuilder seen = new StringBuilder();
    int answered = 0;
    try (Reader out = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
        Writer in = process.outputWriter(StandardCharsets.UTF_8)) {
      for (int c = out.read(); c >= 0; c = out.read()) {
        seen.append((char) c);
        String open = seen.substring(answered);
        String answer =
            open.matches("(?s).*Password of admin@[^ ]+: ")
                ? PASSWORD
                : open.matches("(?s).*Password of repl@[^ ]+: ")
                    ? REPLICATION
                    : open.endsWith("[y/N] ") ? confirmation : "";
        if (!answer.isEmpty()) {
          answered = seen.length();
          in.write(answer + "\n");
          in.flush();
        }
      }
    } finally {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    return seen.toString();
  }
}

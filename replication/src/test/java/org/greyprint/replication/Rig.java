// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.greyprint.testkit.Programs;

/** A master, an empty new host, and replicas, real servers all. */
final class Rig implements AutoCloseable {
  static final String REPLICATION_PASSWORD = "replsecret";

  final Path folder;
  final MariaDb from;
  final MariaDb to;
  final List<MariaDb> replicas = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  private final MariaDb.Installed installed;
  private int journals;

  Rig(MariaDb.Installed installed, MariaDb.Installed newer, String... options) {
    try {
      folder = Files.createTempDirectory("greyprint-move");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.installed = installed;
    from = MariaDb.start(installed, folder, 1, options);
    to = MariaDb.start(newer, folder, 2, options);
    from.run(
        List.of(
            "CREATE USER repl@'%' IDENTIFIED BY '" + REPLICATION_PASSWORD + "'",
            "GRANT REPLICATION SLAVE ON *.* TO repl@'%'"));
    from.run(Writer.schema());
  }

  Rig() {
    this(MariaDb.Installed.debian(), MariaDb.Installed.debian());
  }

  /** Starts a replica that follows a server from its first event. */
  MariaDb replica(MariaDb parent, boolean gtid, String... options) {
    MariaDb server = MariaDb.start(installed, folder, 3 + replicas.size(), options);
    follow(server, parent, gtid);
    replicas.add(server);
    return server;
  }

  static void follow(MariaDb server, MariaDb parent, boolean gtid) {
    server.run(
        List.of(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT="
                + parent.port()
                + ", MASTER_USER='repl', MASTER_PASSWORD='"
                + REPLICATION_PASSWORD
                + "', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID="
                + (gtid ? "slave_pos" : "no")
                + (gtid ? "" : ", MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=4"),
            "START SLAVE"));
    awaitReplica(server);
  }

  static void awaitReplica(MariaDb server) {
    boolean up =
        Server.eventually(
            Duration.ofSeconds(20),
            () -> {
              Row row = server.row("SHOW SLAVE STATUS");
              return row.get("Slave_IO_Running").equals("Yes")
                  && row.get("Slave_SQL_Running").equals("Yes")
                  && row.get("Seconds_Behind_Master").equals("0");
            });
    if (!up) {
      throw new AssertionError("no replica: " + server.row("SHOW SLAVE STATUS"));
    }
  }

  /** Puts rows in a table of their own on the master. */
  void fill(int rows) {
    from.run(
        List.of(
            "CREATE TABLE app.big (id INT PRIMARY KEY, text VARCHAR(100)) ENGINE=InnoDB",
            "SET STATEMENT max_statement_time=300 FOR USE app",
            "INSERT INTO app.big SELECT seq, MD5(seq) FROM seq_1_to_" + rows));
  }

  Access access() {
    return Access.password("").replicatingAs("repl", REPLICATION_PASSWORD);
  }

  /** Settings with a fresh journal. */
  MoveSettings settings() {
    return MoveSettings.of(
            from.address(), to.address(), access(), folder.resolve("j" + ++journals + ".journal"))
        .withLimits(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(60));
  }

  MoveSettings settings(MoveSettings.Method method) {
    return settings().withMethod(Optional.of(method));
  }

  Move move(MoveSettings settings) {
    return move(settings, place -> {});
  }

  Move move(MoveSettings settings, Move.Hook hook) {
    return new Move(settings, new Notes(), hook);
  }

  /** Keeps the notes. */
  private final class Notes implements Progress {
    @Override
    public void note(String line) {
      notes.add(line);
    }

    @Override
    public void begin(String what, String unit, long total) {}

    @Override
    public void at(long done) {}

    @Override
    public void end() {}
  }

  /** Every server that runs. */
  List<MariaDb> all() {
    List<MariaDb> all = new ArrayList<>(List.of(from, to));
    all.addAll(replicas);
    return all.stream().filter(MariaDb::running).toList();
  }

  /** Waits until a server has what another has, then compares the tables of both. */
  static String sums(MariaDb server) {
    return server.value("CHECKSUM TABLE app.rows")
        + "/"
        + server.row("CHECKSUM TABLE app.rows").get("Checksum")
        + "/"
        + server.row("CHECKSUM TABLE app.counter").get("Checksum");
  }

  @Override
  public void close() {
    all().forEach(MariaDb::close);
    Programs.run(Duration.ofMinutes(1), List.of("rm", "-rf", folder.toString()));
  }
}

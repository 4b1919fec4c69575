// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.greyprint.testkit.Programs;

/** A master, an empty new host, and replicas, real servers all. */
final class Rig implements AutoCloseable {
  static final String REPLICATION_PASSWORD = "replsecret";

  final Path folder;
  final MariaDb from;
  final MariaDb to;
  final List<MariaDb> replicas = new ArrayList<>();
  final List<String> notes = new CopyOnWriteArrayList<>();
  private final MariaDb.Installed installed;
  private int journals;

  /** Starts master and new host, and as many servers for replicas, all at once. */
  private Rig(MariaDb.Installed installed, MariaDb.Installed newer, int count, String... options) {
    try {
      folder = Files.createTempDirectory(MariaDb.place(), "greyprint-move");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.installed = installed;
    List<CompletableFuture<MariaDb>> starting = new ArrayList<>();
    for (int i = 0; i < count + 2; i++) {
      MariaDb.Installed version = i == 1 ? newer : installed;
      long id = i + 1;
      starting.add(
          CompletableFuture.supplyAsync(() -> MariaDb.start(version, folder, id, options)));
    }
    try {
      CompletableFuture.allOf(starting.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      starting.stream().filter(s -> !s.isCompletedExceptionally()).forEach(s -> s.join().close());
      throw e;
    }
    from = starting.get(0).join();
    to = starting.get(1).join();
    from.run(
        List.of(
            "CREATE USER repl@'%' IDENTIFIED BY '" + REPLICATION_PASSWORD + "'",
            "GRANT REPLICATION SLAVE ON *.* TO repl@'%'"));
    from.run(Writer.schema());
    starting.subList(2, count + 2).forEach(server -> replicas.add(server.join()));
  }

  /** Master and new host alone. */
  Rig() {
    this(MariaDb.Installed.debian(), MariaDb.Installed.debian(), 0);
  }

  /** With options for every server. */
  static Rig with(String... options) {
    return new Rig(MariaDb.Installed.debian(), MariaDb.Installed.debian(), 0, options);
  }

  /** With replicas of the master, by GTID or by file; the chained one follows the first of them. */
  static Rig of(int count, boolean chain, boolean gtid) {
    return of(MariaDb.Installed.debian(), MariaDb.Installed.debian(), count, chain, gtid);
  }

  static Rig of(
      MariaDb.Installed old, MariaDb.Installed newer, int count, boolean chain, boolean gtid) {
    Rig rig = new Rig(old, newer, chain ? count + 1 : count);
    for (int i = 0; i < rig.replicas.size(); i++) {
      follow(rig.replicas.get(i), i < count ? rig.from : rig.replicas.getFirst(), gtid);
    }
    for (int i = 0; i < rig.replicas.size(); i++) {
      awaitReplica(rig.replicas.get(i), i < count ? rig.from : rig.replicas.getFirst());
    }
    return rig;
  }

  /** Starts one more replica that follows a server from its first event. */
  MariaDb replica(MariaDb parent, boolean gtid, String... options) {
    MariaDb server = MariaDb.start(installed, folder, 3 + replicas.size(), options);
    follow(server, parent, gtid);
    replicas.add(server);
    awaitReplica(server, parent);
    return server;
  }

  static void follow(MariaDb server, MariaDb parent, boolean gtid) {
    server.run(
        List.of(
            "CHANGE MASTER TO MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_HOST='127.0.0.1', MASTER_PORT="
                + parent.port()
                + ", MASTER_USER='repl', MASTER_PASSWORD='"
                + REPLICATION_PASSWORD
                + "', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID="
                + (gtid ? "slave_pos" : "no")
                + (gtid ? "" : ", MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=4"),
            "START SLAVE"));
  }

  /** Waits until both threads run and everything is there that the parent has by now. */
  static void awaitReplica(MariaDb server, MariaDb parent) {
    GtidList there = GtidList.parse(parent.value("SELECT @@GLOBAL.gtid_binlog_pos"));
    boolean up =
        Server.eventually(
            Duration.ofSeconds(20),
            () -> {
              Row row = server.row("SHOW SLAVE STATUS");
              return row.get("Slave_IO_Running").equals("Yes")
                  && row.get("Slave_SQL_Running").equals("Yes")
                  && row.get("Seconds_Behind_Master").equals("0")
                  && GtidList.parse(server.value("SELECT @@GLOBAL.gtid_binlog_pos")).covers(there);
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
            "INSERT INTO app.big SELECT seq, MD5(seq) FROM app.seq_1_to_" + rows));
  }

  Access access() {
    return Access.password("").replicatingAs("repl", REPLICATION_PASSWORD);
  }

  /** Settings with a fresh journal. */
  MoveSettings settings() {
    return MoveSettings.of(
            from.address(), to.address(), access(), folder.resolve("j" + ++journals + ".journal"))
        .withTools(List.of(to.installed().tools()))
        .withLimits(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(60));
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
    public void begin(String what, String unit, long total) {
      notes.add(what);
    }

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

  /** What is in the tables of a server. */
  static String sums(MariaDb server) {
    try (Link link = server.root()) {
      StringBuilder sums = new StringBuilder();
      for (String table : Checksums.tables(link, List.of("app"))) {
        sums.append(link.row("CHECKSUM TABLE " + table).columns().values()).append('\n');
      }
      return sums.toString();
    }
  }

  /** All servers that run get to hold the same as the master, and no row of the move's own. */
  void assertEqualEverywhere(MariaDb master) {
    String right = sums(master);
    assertThat(right).isNotEmpty();
    for (MariaDb server : all()) {
      Server.eventually(Duration.ofSeconds(20), () -> sums(server).equals(right));
      assertThat(sums(server)).as("port " + server.port()).isEqualTo(right);
      assertThat(server.value("SHOW DATABASES LIKE 'greyprint_move'")).isEmpty();
    }
  }

  /** It takes writes, and the direct replicas that run follow it, both threads running. */
  void assertMaster(MariaDb master, int direct) {
    assertThat(master.value("SELECT @@read_only")).isEqualTo("0");
    for (MariaDb replica : replicas.subList(0, direct)) {
      if (replica.running()) {
        Row status = replica.row("SHOW SLAVE STATUS");
        assertThat(status.get("Master_Port")).isEqualTo("" + master.port());
        assertThat(status.get("Slave_IO_Running")).as(status.toString()).isEqualTo("Yes");
        assertThat(status.get("Slave_SQL_Running")).as(status.toString()).isEqualTo("Yes");
      }
    }
  }

  @Override
  public void close() {
    List<MariaDb> all = new ArrayList<>(List.of(from, to));
    all.addAll(replicas);
    all.forEach(MariaDb::close);
    Programs.run(Duration.ofMinutes(1), List.of("rm", "-rf", folder.toString()));
  }
}

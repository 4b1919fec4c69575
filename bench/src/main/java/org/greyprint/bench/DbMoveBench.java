// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.greyprint.replication.Access;
import org.greyprint.replication.Address;
import org.greyprint.replication.Move;
import org.greyprint.replication.MoveFailure;
import org.greyprint.replication.MoveSettings;
import org.greyprint.replication.Progress;

/**
 * A master moved under a writer: how long its writes were refused, and how long the copy took
 * against the programs alone. Arguments: folder, rows, rounds.
 */
public final class DbMoveBench {
  private final Path folder;
  private int moves;

  private DbMoveBench(Path folder) {
    this.folder = folder;
  }

  /** One server of the bench. */
  private static final class Db {
    final Path data;
    final int port;
    final int id;
    Process process;

    Db(Path folder, int id) throws IOException {
      this.id = id;
      data = folder.resolve("db" + id);
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = socket.getLocalPort();
      }
      run(
          "mariadb-install-db --no-defaults --user=root --auth-root-authentication-method=normal"
              + " --skip-test-db --datadir="
              + data);
      process = start();
    }

    Process start(String... more) throws IOException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  "mariadbd",
                  "--no-defaults",
                  "--user=root",
                  "--datadir=" + data,
                  // A server that starts sweeps this folder, and would take another's files.
                  "--tmpdir=" + data,
                  "--socket=" + data + "/s",
                  "--pid-file=" + data + "/pid",
                  "--port=" + port,
                  "--bind-address=127.0.0.1",
                  "--server-id=" + id,
                  "--log-bin=" + data + "/binlog",
                  "--binlog-format=ROW",
                  "--log-slave-updates",
                  "--gtid-strict-mode=ON",
                  "--skip-name-resolve",
                  "--innodb-buffer-pool-size=256M",
                  "--log-error=" + data + "/err"));
      command.addAll(Arrays.asList(more));
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      while (true) {
        try (Connection connection = connect("root", "")) {
          return process;
        } catch (SQLException e) {
          if (!process.isAlive()) {
            throw new IOException("mariadbd on " + data + " ended", e);
          }
          LockSupport.parkNanos(20_000_000);
        }
      }
    }

    Connection connect(String user, String password) throws SQLException {
      return DriverManager.getConnection(
          "jdbc:mariadb://127.0.0.1:" + port + "/?sslMode=disable", user, password);
    }

    void sql(String... statements) throws SQLException {
      try (Connection connection = connect("root", "");
          Statement statement = connection.createStatement()) {
        for (String one : statements) {
          statement.execute(one);
        }
      }
    }
  }

  private static void run(String command) throws IOException {
    try {
      Process process =
          new ProcessBuilder("bash", "-o", "pipefail", "-c", command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor() != 0) {
        throw new IOException("failed: " + command);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Writes at full speed to whichever of the two takes it. */
  private static final class Writer implements AutoCloseable {
    private final List<Db> masters;
    private final Thread thread;
    private volatile boolean stop;
    private volatile long rows;
    private volatile double longest;

    Writer(Db... masters) {
      this.masters = List.of(masters);
      thread = Thread.ofPlatform().start(this::write);
    }

    private void write() {
      int current = 0;
      long last = System.nanoTime();
      boolean refused = false;
      while (!stop) {
        try (Connection connection = masters.get(current).connect("app", "app");
            Statement statement = connection.createStatement()) {
          while (!stop) {
            statement.execute("INSERT INTO app.rows (text) VALUES ('x')");
            long now = System.nanoTime();
            if (refused) {
              longest = Math.max(longest, (now - last) / 1e6);
              refused = false;
            }
            last = now;
            rows++;
          }
        } catch (SQLException e) {
          refused = true;
          current = (current + 1) % masters.size();
          LockSupport.parkNanos(1_000_000);
        }
      }
    }

    double refusedMillis() {
      return longest;
    }

    void more() {
      long goal = rows + 50;
      while (rows < goal) {
        LockSupport.parkNanos(5_000_000);
      }
    }

    @Override
    public void close() throws InterruptedException {
      stop = true;
      thread.join();
    }
  }

  private MoveSettings settings(Db from, Db to, MoveSettings.Method method) {
    return MoveSettings.of(
            new Address("root", "127.0.0.1", from.port),
            new Address("root", "127.0.0.1", to.port),
            Access.password("").replicatingAs("repl", "repl"),
            folder.resolve("journal" + ++moves))
        .withMethod(Optional.of(method))
        .withLimits(Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(30));
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  /**
   * The copy against the programs alone, in turns; the move is ended, and rolled back, behind it.
   */
  private void copies(Db from, Db to, Db plain, int rounds) throws IOException, SQLException {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      plain.sql("DROP DATABASE IF EXISTS app");
      long start = System.nanoTime();
      run(
          "mariadb-dump --no-defaults -h127.0.0.1 -uroot -P"
              + from.port
              + " --single-transaction --routines --events --triggers --hex-blob --master-data=2"
              + " --gtid --databases app | mariadb --no-defaults --binary-mode -h127.0.0.1 -uroot"
              + " '--init-command=SET sql_log_bin=0' -P"
              + plain.port);
      theirs.add((System.nanoTime() - start) / 1e6);
      // The whole step: programs started and ended, accounts carried, the position noted.
      long[] began = new long[1];
      try {
        new Move(
                settings(from, to, MoveSettings.Method.GTID),
                Progress.silent(),
                place -> {
                  if (place.equals("doing copy")) {
                    began[0] = System.nanoTime();
                  } else if (place.equals("done copy")) {
                    ours.add((System.nanoTime() - began[0]) / 1e6);
                    throw new MoveFailure("enough");
                  }
                })
            .go();
      } catch (MoveFailure e) {
        if (!String.valueOf(e.getMessage()).startsWith("enough; rolled back")) {
          throw e;
        }
      }
    }
    say(
        "  copy: %.0f ms, the programs alone %.0f ms (medians of %d, in turns): ratio %.2f",
        median(ours), median(theirs), rounds, median(ours) / median(theirs));
  }

  private void online(Db from, Db to, int rounds) throws InterruptedException {
    List<Double> gaps = new ArrayList<>();
    MoveSettings settings = settings(from, to, MoveSettings.Method.GTID);
    for (int round = 0; round < rounds; round++) {
      Db master = round % 2 == 0 ? from : to;
      try (Writer writer = new Writer(master, master == from ? to : from)) {
        writer.more();
        Move move = new Move(settings, Progress.silent());
        if (round == 0) {
          move.go();
        } else if (round % 2 == 1) {
          move.back();
        } else {
          new Move(settings, Progress.silent()).go();
        }
        writer.more();
        gaps.add(writer.refusedMillis());
      }
    }
    say(
        "  GTID: writes refused %.0f ms, at most %.0f ms (%d moves, the writer's watch)",
        median(gaps), gaps.stream().max(Double::compare).orElseThrow(), rounds);
  }

  private void file(Db from, Db to) throws InterruptedException {
    long[] ended = new long[2];
    AtomicReference<CompletableFuture<Void>> noted = new AtomicReference<>();
    try (Writer writer = new Writer(from, to)) {
      writer.more();
      new Move(
              settings(from, to, MoveSettings.Method.FILE),
              Progress.silent(),
              place -> {
                if (place.equals("shutting-down")) {
                  ended[0] = System.nanoTime();
                  noted.set(from.process.onExit().thenRun(() -> ended[1] = System.nanoTime()));
                }
              })
          .go();
      writer.more();
      if (!from.process.waitFor(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the old server has not ended");
      }
      Objects.requireNonNull(noted.get(), "it was not shut down").join();
      say(
          "  file and position: writes refused %.0f ms (the writer's watch), the old server's own"
              + " shutdown %.0f ms",
          writer.refusedMillis(), (ended[1] - ended[0]) / 1e6);
    }
  }

  /** Runs all three for one size. */
  public static void main(String[] arguments)
      throws IOException, SQLException, InterruptedException {
    System.setProperty("mariadb.logging.disable", "true");
    Path folder = Path.of(arguments[0]);
    int rows = Integer.parseInt(arguments[1]);
    int rounds = Integer.parseInt(arguments[2]);
    Files.createDirectories(folder);
    List<Db> all = new ArrayList<>();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> all.forEach(db -> db.process.destroyForcibly())));
    for (int id = 1; id <= 3; id++) {
      all.add(new Db(folder, id));
    }
    Db from = all.get(0);
    from.sql(
        "CREATE USER repl@'%' IDENTIFIED BY 'repl'",
        "GRANT REPLICATION SLAVE ON *.* TO repl@'%'",
        "CREATE USER app@'%' IDENTIFIED BY 'app'",
        "CREATE DATABASE app",
        "GRANT ALL ON app.* TO app@'%'",
        "CREATE TABLE app.rows (id BIGINT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(100))"
            + " ENGINE=InnoDB",
        "CREATE TABLE app.big (id INT PRIMARY KEY, text VARCHAR(100)) ENGINE=InnoDB",
        "INSERT INTO app.big SELECT seq, REPEAT(MD5(seq), 3) FROM app.seq_1_to_" + rows);
    say("%,d rows:", rows);
    DbMoveBench bench = new DbMoveBench(folder);
    bench.copies(from, all.get(1), all.get(2), rounds);
    bench.online(from, all.get(1), 2 * ((rounds + 1) / 2));
    // An even number of moves: the first server is the master again, the second follows it.
    bench.file(from, all.get(1));
  }
}

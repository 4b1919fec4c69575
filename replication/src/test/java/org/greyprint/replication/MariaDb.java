// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.greyprint.testkit.Programs;
import org.mariadb.jdbc.Driver;

/**
 * One real MariaDB server on loopback, in a folder of its own, that can be killed and restarted.
 */
final class MariaDb implements AutoCloseable {
  private static final Map<String, Path> TEMPLATES = new ConcurrentHashMap<>();

  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private final Installed installed;
  private final Path folder;
  private final long id;
  private final int port;
  private final List<String> options;

  @SuppressWarnings("NullAway.Init")
  private Process process;

  /** The programs of one version; tools are where its dump and import programs are. */
  record Installed(
      String name, Path server, List<String> install, List<String> options, Path tools) {
    /** Debian's. */
    static Installed debian() {
      return new Installed(
          "debian",
          Programs.find("mariadbd").orElseThrow(),
          List.of(Programs.find("mariadb-install-db").orElseThrow().toString()),
          List.of(),
          Programs.find("mariadb-dump").orElseThrow().resolveSibling("."));
    }

    /** MariaDB 11.4, from the class path, unpacked once into the user's cache. */
    static Installed newer() {
      Path home = Unpacked.mariaDb114();
      return new Installed(
          "11.4",
          home.resolve("bin/mariadbd"),
          List.of(home.resolve("scripts/mariadb-install-db").toString(), "--basedir=" + home),
          List.of("--basedir=" + home, "--lc-messages-dir=" + home.resolve("share"), "--skip-ssl"),
          home.resolve("bin"));
    }
  }

  /** Where data directories are made: in memory where there is room, a fast and silent disk. */
  static Path place() {
    Path memory = Path.of("/dev/shm");
    try {
      if (Files.isWritable(memory)
          && Files.getFileStore(memory).getUsableSpace() > 4_000_000_000L) {
        return memory;
      }
    } catch (IOException e) {
      System.out.println("no room in memory: " + e.getMessage());
    }
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  private MariaDb(Installed installed, Path folder, long id, List<String> options) {
    this.installed = installed;
    this.folder = folder;
    this.id = id;
    this.options = options;
    this.port = freePort();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a data directory and starts a server with options after the usual ones. */
  static MariaDb start(Installed installed, Path parent, long id, String... options) {
    try {
      Path folder = Files.createTempDirectory(parent, "db" + id + "-");
      MariaDb server = new MariaDb(installed, folder, id, List.of(options));
      Path template = TEMPLATES.computeIfAbsent(installed.name(), name -> template(installed));
      run("cp", "-a", template.toString(), folder.resolve("data").toString());
      server.launch();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path template(Installed installed) {
    try {
      Path folder = Files.createTempDirectory(place(), "greyprint-mariadb");
      Path data = folder.resolve("data");
      List<String> command = new ArrayList<>(installed.install());
      command.addAll(
          List.of(
              "--no-defaults",
              "--datadir=" + data,
              // A server that starts sweeps this folder, and would take another's files with it.
              "--tmpdir=" + folder,
              "--auth-root-authentication-method=normal",
              "--skip-test-db",
              "--innodb-log-file-size=8M"));
      if (Programs.isRoot()) {
        command.add("--user=root");
      }
      Programs.Result result = Programs.run(Duration.ofMinutes(1), command);
      if (result.status() != 0) {
        throw new IllegalStateException(command + ": " + result.out());
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> run("rm", "-rf", folder.toString())));
      return data;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String... command) {
    Programs.Result result = Programs.run(Duration.ofMinutes(1), List.of(command));
    if (result.status() != 0) {
      throw new IllegalStateException(List.of(command) + ": " + result.out());
    }
  }

  /** Starts it, again on the same port with the same data. */
  void launch(String... more) {
    List<String> command = new ArrayList<>();
    command.add(installed.server().toString());
    command.add("--no-defaults");
    if (Programs.isRoot()) {
      command.add("--user=root");
    }
    command.addAll(installed.options());
    command.addAll(
        List.of(
            "--datadir=" + folder.resolve("data"),
            "--tmpdir=" + folder,
            "--socket=" + folder.resolve("s.sock"),
            "--pid-file=" + folder.resolve("pid"),
            "--port=" + port,
            "--bind-address=127.0.0.1",
            "--server-id=" + id,
            "--log-bin=" + folder.resolve("data/binlog"),
            "--binlog-format=ROW",
            "--log-slave-updates",
            "--gtid-strict-mode=ON",
            "--skip-name-resolve",
            "--performance-schema=OFF",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-file-size=8M",
            "--innodb-flush-log-at-trx-commit=2",
            "--slave-net-timeout=10",
            "--log-error=" + folder.resolve("err.log")));
    command.addAll(options);
    command.addAll(List.of(more));
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("out.log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    RUNNING.add(process);
    boolean up =
        Server.eventually(
            Duration.ofSeconds(60),
            () -> {
              if (!process.isAlive()) {
                return true;
              }
              try (Connection connection = connect("root", "")) {
                return true;
              } catch (SQLException e) {
                return false;
              }
            });
    if (!up || !process.isAlive()) {
      process.destroyForcibly();
      throw new IllegalStateException("mariadbd did not start: " + errors());
    }
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("err.log"))
          + Files.readString(folder.resolve("out.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  Path data() {
    return folder.resolve("data");
  }

  int port() {
    return port;
  }

  long id() {
    return id;
  }

  boolean running() {
    return process.isAlive();
  }

  Address address() {
    return new Address("root", "127.0.0.1", port);
  }

  Connection connect(String user, String password) throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("user", user);
    settings.setProperty("password", password);
    settings.setProperty("sslMode", "disable");
    settings.setProperty("connectTimeout", "5000");
    return new Driver().connect("jdbc:mariadb://127.0.0.1:" + port + "/", settings);
  }

  /** A session of root whose statements go to no log. */
  Link root() {
    return Link.open(address(), "", Access.password(""), Duration.ofMinutes(2), (a, s, t, r) -> {});
  }

  void run(List<String> statements) {
    try (Link link = root()) {
      statements.forEach(link::run);
    }
  }

  void sql(String statement) {
    run(List.of(statement));
  }

  String value(String query) {
    try (Link link = root()) {
      return link.value(query);
    }
  }

  Row row(String query) {
    try (Link link = root()) {
      return link.row(query);
    }
  }

  /** {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
    await();
  }

  /** Waits until it has ended. */
  void await() {
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new IllegalStateException("does not end");
      }
      RUNNING.remove(process);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  Installed installed() {
    return installed;
  }

  /** Waits until it has ended by itself. */
  boolean ended() {
    return Server.eventually(Duration.ofSeconds(60), () -> !process.isAlive());
  }

  @Override
  public void close() {
    kill();
    run("rm", "-rf", folder.toString());
  }
}

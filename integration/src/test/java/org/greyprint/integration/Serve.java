// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/** The real {@code ./greyprint serve} on the mail host, started, killed and started again. */
final class Serve implements AutoCloseable {
  /** The name of the header in policy mode, of docs/policy.md. */
  static final String SECRET_HEADER = "X-Greyprint-5d2c81f07a3e";

  private final Testbed testbed;
  private final Path folder;
  private List<String> wrapper = List.of();
  private Process process;

  private Serve(Testbed testbed, Path folder) throws IOException {
    this.testbed = testbed;
    this.folder = folder;
    this.process = launch();
  }

  /**
   * A configuration: the milter on a UNIX socket and on port 8893, the policy service on a UNIX
   * socket and on port 10040. Where many tests run at once a SYN may be on its way for long.
   *
   * @param networkInterface what to capture on
   * @param delay of a Windows client
   * @param more further lines; without a line for {@code dns} it is not asked
   */
  static String configuration(String networkInterface, Duration delay, String... more) {
    String lines = String.join("\n", more);
    return """
    capture:
      - interface: INTERFACE
        ports: [25, 26, 27, 28, 29]
    listen:
      milter: ["unix:FOLDER/milter.sock", "inet:127.0.0.1:8893"]
      policy: ["unix:FOLDER/policy.sock", "inet:127.0.0.1:10040"]
      policy-header: HEADER
      admin: none
    store: rocksdb:FOLDER/store/greylist
    greylist: {delay: DELAYs, auto-allow: {deliveries: 0}}
    journal: {directory: FOLDER/journal}
    """
            .replace("INTERFACE", networkInterface)
            .replace("HEADER", SECRET_HEADER)
            .replace("DELAY", Long.toString(delay.toSeconds()))
        + (lines.contains("dns:") ? "" : "dns: {servers: []}\n")
        + lines
        + "\n";
  }

  /**
   * Starts it and returns when it answers.
   *
   * @param configuration where FOLDER stands for a folder of its own
   */
  static Serve start(Testbed testbed, String configuration) throws IOException {
    Path folder = testbed.folder().resolve("greyprint");
    Files.createDirectories(folder.resolve("store"));
    Serve.write(folder, configuration);
    return new Serve(testbed, folder);
  }

  private static void write(Path folder, String configuration) throws IOException {
    Files.writeString(
        folder.resolve("greyprint.yaml"), configuration.replace("FOLDER", folder.toString()));
  }

  /** Builds the program, if it is not yet; that must not fall into a test's time. */
  static void build() {
    Programs.Result result = Programs.run(Duration.ofMinutes(5), program("--version"));
    if (result.status() != 0) {
      throw new IllegalStateException(result.out());
    }
  }

  /** The command line of a greyprint command. */
  static List<String> program(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Programs.root().resolve("greyprint").toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(program("serve", "--config", file().toString()));
    long before = Files.exists(folder.resolve("log")) ? Files.size(folder.resolve("log")) : 0;
    Process started =
        testbed.start(Testbed.MX, folder.resolve("log"), command.toArray(String[]::new));
    await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IllegalStateException("serve ended: " + log().substring((int) before));
    }
    return started;
  }

  private boolean answers() {
    for (Path socket : List.of(milterSocket(), policySocket())) {
      try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        probe.connect(UnixDomainSocketAddress.of(socket));
      } catch (IOException e) {
        return false;
      }
    }
    return true;
  }

  Path milterSocket() {
    return folder.resolve("milter.sock");
  }

  Path policySocket() {
    return folder.resolve("policy.sock");
  }

  /** The folder that holds the store. */
  Path store() {
    return folder.resolve("store");
  }

  /** The configuration file. */
  Path file() {
    return folder.resolve("greyprint.yaml");
  }

  String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  /** The lines of the log that contain a text, and those that are about the capture. */
  String about(String text) throws IOException {
    return log()
        .lines()
        .filter(line -> line.contains(text) || line.contains("capture"))
        .collect(Collectors.joining("\n"));
  }

  /** Runs a greyprint command on the mail host, by this configuration; what it says. */
  String command(String... arguments) {
    List<String> command = program(arguments);
    command.addAll(List.of("--config", file().toString()));
    Programs.Result result = testbed.run(Testbed.MX, command.toArray(String[]::new));
    if (result.status() != 0) {
      throw new IllegalStateException(command + ": " + result.out());
    }
    return result.out();
  }

  /** How many lines of the log contain a text. */
  long logged(String text) throws IOException {
    return log().lines().filter(line -> line.contains(text)).count();
  }

  /** The process id. */
  long pid() {
    return process.pid();
  }

  /** Ends it without a chance to tidy up. */
  void kill() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    ended();
  }

  /** Ends it as an administrator would. */
  void stop() throws IOException {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    ended();
  }

  private void ended() throws IOException {
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("serve does not end: " + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  void startAgain() throws IOException {
    process = launch();
  }

  /** Stops it, and starts it with another configuration. */
  void restart(String configuration) throws IOException {
    restart(configuration, List.of());
  }

  /** Stops it, and starts it with another configuration through a command that runs it. */
  void restart(String configuration, List<String> runner) throws IOException {
    if (process.isAlive()) {
      stop();
    }
    write(folder, configuration);
    wrapper = runner;
    process = launch();
  }

  @Override
  public void close() throws IOException {
    if (process.isAlive()) {
      stop();
    }
  }
}

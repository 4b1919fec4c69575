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
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/** The real {@code ./greyprint serve} on the mail host, started, killed and started again. */
final class Serve implements AutoCloseable {
  /** How long a Windows client has to wait. */
  static final Duration DELAY = Duration.ofSeconds(3);

  static final int MILTER_PORT = 8893;

  private static final String CONFIGURATION =
      """
      capture:
        - interface: INTERFACE
          ports: [25, 26, 27, 28, 29]
      listen:
        milter: ["unix:FOLDER/milter.sock", "inet:127.0.0.1:8893"]
        policy: unix:FOLDER/policy.sock
        policy-header: X-Greyprint-5d2c81f07a3e
      store: rocksdb:FOLDER/store/greylist
      greylist: {delay: 3s, window: 2d, max-wait: 6h}
      dns: {servers: []}
      journal: {directory: FOLDER/journal}
      """;

  private final Testbed testbed;
  private final Path folder;
  private final String captureInterface;
  private Process process;

  private Serve(Testbed testbed, Path folder, String captureInterface) throws IOException {
    this.captureInterface = captureInterface;
    this.testbed = testbed;
    this.folder = folder;
    this.process = launch();
  }

  /** Starts it and returns when it answers. */
  static Serve start(Testbed testbed, String captureInterface) throws IOException {
    Path folder = testbed.folder().resolve("greyprint");
    Files.createDirectories(folder.resolve("store"));
    Files.writeString(
        folder.resolve("greyprint.yaml"),
        CONFIGURATION.replace("FOLDER", folder.toString()).replace("INTERFACE", captureInterface));
    return new Serve(testbed, folder, captureInterface);
  }

  /** Whether the program is there; {@link FixedServe} takes its place where not. */
  static boolean isThere() {
    return Files.isExecutable(Path.of(launcher()));
  }

  /** Builds the program, if it is not yet; that must not fall into a test's time. */
  static void build() {
    if (!isThere()) {
      System.out.println("no " + launcher() + ": tested with FixedServe in its place");
      return;
    }
    Programs.Result result = Programs.run(Duration.ofMinutes(5), List.of(launcher(), "--version"));
    if (result.status() != 0) {
      throw new IllegalStateException(result.out());
    }
  }

  /** The command line of a greyprint command; without the launcher, of its main class. */
  static List<String> program(String... arguments) {
    if (!isThere()) {
      return java("org.greyprint.app.Main", arguments);
    }
    List<String> command = new ArrayList<>(List.of(launcher()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> java(String main, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(List.of(arguments));
    return command;
  }

  static String launcher() {
    return Programs.root().resolve("greyprint").toString();
  }

  private Process launch() throws IOException {
    List<String> command =
        isThere()
            ? program("serve", "--config", folder.resolve("greyprint.yaml").toString())
            : java(
                FixedServe.class.getName(),
                folder.toString(),
                captureInterface,
                Long.toString(DELAY.toSeconds()));
    Process started =
        testbed.start(Testbed.MX, folder.resolve("log"), command.toArray(String[]::new));
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !started.isAlive() || answers());
    if (!started.isAlive()) {
      throw new IllegalStateException("serve ended: " + log());
    }
    return started;
  }

  private boolean answers() {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(milterSocket()));
      return true;
    } catch (IOException e) {
      return false;
    }
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

  String log() throws IOException {
    return Files.readString(folder.resolve("log"));
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

  @Override
  public void close() throws IOException {
    if (process.isAlive()) {
      stop();
    }
  }
}

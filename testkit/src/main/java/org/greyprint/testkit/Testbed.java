// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Hosts of given operating systems around a mail host, made by {@code testing/personas} under names
 * of this process, and a folder in /run that every user can enter and root alone can write to (the
 * MTAs want that). Closing takes it all away, and ends what still runs in its hosts. Needs root,
 * iproute2 and nftables.
 */
public final class Testbed implements AutoCloseable {
  /** The mail host's name. */
  public static final String MX = "mx";

  /** The mail host's addresses. */
  public static final String IPV4 = "10.77.0.1";

  public static final String IPV6 = "fd77::1";

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final String prefix;
  private final Path folder;
  private final Thread atExit;

  private Testbed(String prefix, Path folder) {
    this.prefix = prefix;
    this.folder = folder;
    this.atExit = new Thread(this::remove, "testbed-down");
  }

  /** Makes all hosts. */
  public static Testbed up() {
    String prefix = "g" + ProcessHandle.current().pid() + "x" + COUNT.incrementAndGet();
    try {
      Path folder = Files.createTempDirectory(Path.of("/run"), "greyprint-test-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      Testbed testbed = new Testbed(prefix, folder);
      Runtime.getRuntime().addShutdownHook(testbed.atExit);
      testbed.personas("up");
      return testbed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void personas(String what) {
    Programs.Result result =
        Programs.run(
            LIMIT,
            Map.of("PERSONAS_PREFIX", prefix),
            List.of(Programs.root().resolve("testing/personas").toString(), what));
    if (result.status() != 0) {
      throw new IllegalStateException("testing/personas " + what + ": " + result.out());
    }
  }

  /** A folder that every user can enter; removed with the testbed. */
  public Path folder() {
    return folder;
  }

  /** A command line that runs a command on a host, by the persona's name or {@link #MX}. */
  public List<String> command(String host, String... command) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", prefix + "-" + host));
    line.addAll(List.of(command));
    return line;
  }

  /** Runs a command on a host to its end. */
  public Programs.Result run(String host, String... command) {
    return Programs.run(LIMIT, command(host, command));
  }

  /** Runs a command on a host; what it says goes to a file of the folder. */
  public Process start(String host, Path output, String... command) throws IOException {
    return new ProcessBuilder(command(host, command))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
        .redirectInput(Path.of("/dev/null").toFile())
        .start();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    remove();
  }

  private void remove() {
    personas("down");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      System.out.println("left behind: " + folder + " (" + e.getMessage() + ")");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Finds and runs the real programs that tests work with. */
public final class Programs {
  private Programs() {}

  /** What a program that ended left behind. */
  public record Result(int status, String out) {}

  /** The program's path, from PATH and the usual sbin folders. */
  public static Optional<Path> find(String name) {
    if (name.startsWith("/")) {
      Path path = Path.of(name);
      return NeedsCondition.executable(path) ? Optional.of(path) : Optional.empty();
    }
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Stream.concat(
            Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin", "/sbin"))
        .filter(dir -> !dir.isEmpty())
        .map(dir -> Path.of(dir, name))
        .filter(NeedsCondition::executable)
        .findFirst();
  }

  /** Whether this process runs as root. */
  public static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** The folder of the source tree, where ./greyprint and ./verify are. */
  public static Path root() {
    return Path.of(System.getProperty("greyprint.root", "..")).toAbsolutePath().normalize();
  }

  /**
   * The command line of another JVM like this one, which starts fast; arguments can be added.
   *
   * @param heap such as 64m
   */
  public static List<String> jvm(String heap, Class<?> main) {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx" + heap,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
  }

  /** Runs a command to its end; standard error is joined to standard output. */
  public static Result run(Duration limit, List<String> command) {
    return run(limit, Map.of(), command);
  }

  /**
   * Runs a command to its end with more environment; standard error is joined to standard output.
   *
   * @throws IllegalStateException if it does not end within the limit; it is killed then
   */
  public static Result run(Duration limit, Map<String, String> environment, List<String> command) {
    try {
      Path out = Files.createTempFile("greyprint-run", ".out");
      try {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(out.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        Process process = builder.start();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          throw new IllegalStateException(
              "not ended within " + limit + ": " + command + "\n" + read(out));
        }
        return new Result(process.exitValue(), read(out));
      } finally {
        Files.deleteIfExists(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: " + command, e);
    }
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }
}

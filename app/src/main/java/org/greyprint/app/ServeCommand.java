// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.serve.Daemon;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code greyprint serve}: runs until it is told to end. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Runs the daemon.",
    footer = {
      "SIGHUP reads signatures, rules, the greylist's settings, lists and certificates again;",
      "SIGTERM and SIGINT end it in order.",
      "Exit status: 0 ended in order, 1 it could not start (one line says why), 2 usage."
    })
final class ServeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ConfigOption config = new ConfigOption();

  /**
   * Runs the command without the help of a command-line library, which would take a quarter of the
   * time of a start.
   *
   * @return the exit status, or empty where the arguments are not plain: the library tells then
   */
  static Optional<Integer> runPlain(String[] args) throws InterruptedException {
    String file = Objects.requireNonNullElse(System.getenv("GREYPRINT_CONFIG"), "");
    if (args.length == 3 && (args[1].equals("-c") || args[1].equals("--config"))) {
      file = args[2];
    } else if (args.length == 2 && args[1].startsWith("--config=")) {
      file = args[1].substring("--config=".length());
    } else if (args.length != 1) {
      return Optional.empty();
    }
    PrintWriter out =
        new PrintWriter(new OutputStreamWriter(System.out, Charset.defaultCharset()), true);
    try {
      return Optional.of(serve(ConfigOption.of(file), out));
    } catch (Failure e) {
      System.err.println("greyprint: " + e.getMessage());
      return Optional.of(Main.FAULT);
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    return serve(config, Objects.requireNonNull(spec).commandLine().getOut());
  }

  private static int serve(ConfigOption config, PrintWriter out) throws InterruptedException {
    Configuration configuration = config.load();
    Daemon daemon = Daemon.start(configuration, config::read, Clock.systemUTC());
    out.printf(Locale.ROOT, "greyprint is ready%s%n", after());
    daemon.banner().forEach(out::println);
    out.flush();
    daemon.run();
    Logging.end();
    return Main.DONE;
  }

  /**
   * How long it took since the launcher started this JVM; it gives the system's uptime of then, in
   * seconds. The JDK's own start instant is up to a second wrong.
   */
  private static String after() {
    try {
      String uptime = Files.readString(Path.of("/proc/uptime"));
      double seconds =
          Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')))
              - Double.parseDouble(System.getProperty("greyprint.started", ""));
      return String.format(Locale.ROOT, " after %.2f s", seconds);
    } catch (IOException | NumberFormatException e) {
      return "";
    }
  }
}

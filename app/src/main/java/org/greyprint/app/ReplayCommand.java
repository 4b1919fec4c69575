// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.greyprint.app.replay.Replay;
import org.greyprint.app.replay.Replay.Format;
import org.greyprint.fingerprint.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code greyprint replay FILE...}: fingerprints the SYNs of capture files.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * Exit status 1 where a file can't be read to its end; standard error says which, at which octet
 * and why. All that came before is written.
 */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = "Fingerprints the SYNs of capture files (pcap, pcapng, also .gz).")
final class ReplayCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Capture files; - for a pipe.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "text|json|p0f",
      description = "One line a SYN: for people (default), as JSON, or as p0f logs it.")
  private String format = "text";

  @Option(names = "--summary", description = "How many SYNs each system sent, not each SYN.")
  private boolean summary;

  @Option(
      names = "--signatures",
      paramLabel = "FILE",
      description = "Another database, in p0f's syntax; may be given more than once.")
  private List<String> signatures = new ArrayList<>();

  /**
   * Runs the command without the help of a command-line library, which takes longer to load than
   * many captures to read.
   *
   * @return the exit status, or empty where the arguments are not plain: the library tells then
   */
  static Optional<Integer> runPlain(String[] args) {
    ReplayCommand command = new ReplayCommand();
    for (int i = 1; i < args.length; i++) {
      String arg = args[i];
      int equals = arg.indexOf('=');
      String name = arg.startsWith("--") && equals > 0 ? arg.substring(0, equals) : arg;
      switch (name) {
        case "--summary" -> command.summary = true;
        case "--format", "--signatures" -> {
          if (equals < 0 && ++i == args.length) {
            return Optional.empty();
          }
          String value = equals > 0 ? arg.substring(equals + 1) : args[i];
          if (name.equals("--format")) {
            command.format = value;
          } else {
            command.signatures.add(value);
          }
        }
        default -> {
          if (arg.startsWith("-") && !arg.equals("-")) {
            return Optional.empty();
          }
          command.files.add(arg);
        }
      }
    }
    if (command.files.isEmpty() || parse(command.format).isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(command.call());
    } catch (Failure e) {
      System.err.println("greyprint: " + e.getMessage());
      return Optional.of(Main.FAULT);
    }
  }

  private static Optional<Format> parse(String word) {
    return switch (word) {
      case "text" -> Optional.of(Format.TEXT);
      case "json" -> Optional.of(Format.JSON);
      case "p0f" -> Optional.of(Format.P0F);
      default -> Optional.empty();
    };
  }

  @Override
  public Integer call() {
    Optional<Format> parsed = parse(format.toLowerCase(Locale.ROOT));
    if (parsed.isEmpty()) {
      System.err.println("greyprint: --format is text, json or p0f, not " + format);
      return Main.USAGE;
    }
    List<String> databases = signatures.isEmpty() ? List.of(Database.BUILTIN) : signatures;
    boolean well =
        Replay.run(
            new Replay.Settings(files, parsed.get(), summary), Databases.fingerprinter(databases));
    return well ? Main.DONE : Main.FAULT;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.PrintWriter;
import java.util.List;
import org.greyprint.app.replay.UnknownSyns;
import org.greyprint.capture.Unknowns;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Loaded;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code greyprint signatures list|check|unknown}: the signature database. */
@Command(
    name = "signatures",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "The signature database.")
final class SignaturesCommand {
  @Spec private CommandSpec spec;

  SignaturesCommand(CommandSpec spec) {
    this.spec = spec;
  }

  SignaturesCommand() {
    this(CommandSpec.create());
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "What the database can name, with the number of signatures.")
  int list(
      @Option(
              names = "--signatures",
              paramLabel = "FILE",
              description = "Another database, in p0f's syntax.",
              defaultValue = Database.BUILTIN)
          String name) {
    switch (Databases.load(name)) {
      case Loaded.Faulty faulty -> {
        complain(faulty);
        return Main.FAULT;
      }
      case Database database -> {
        java.util.Map<String, Integer> counts = new java.util.LinkedHashMap<>();
        for (Database.Entry entry : database.entries()) {
          counts.merge(entry.label() + (entry.generic() ? " (generic)" : ""), 1, Integer::sum);
        }
        counts.forEach((label, count) -> out().printf("%4d  %s%n", count, label));
        out().flush();
        return Main.DONE;
      }
    }
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Errors in databases, and entries that can never match.")
  int check(
      @Parameters(paramLabel = "FILE", arity = "0..*", description = "Files; builtin if none.")
          List<String> names) {
    int status = Main.DONE;
    for (String name : names == null || names.isEmpty() ? List.of(Database.BUILTIN) : names) {
      switch (Databases.load(name)) {
        case Loaded.Faulty faulty -> {
          complain(faulty);
          status = Main.FAULT;
        }
        case Database database -> {
          List<Loaded.Problem> shadowed = database.shadowed();
          for (Loaded.Problem problem : shadowed) {
            out().printf("%s:%d: %s%n", name, problem.line(), problem.message());
            status = Main.FAULT;
          }
          if (shadowed.isEmpty()) {
            out().printf("%s: %d signatures, no errors%n", name, database.entries().size());
          }
        }
      }
    }
    out().flush();
    return status;
  }

  private void complain(Loaded.Faulty faulty) {
    for (Loaded.Problem problem : faulty.problems()) {
      out().printf("%s:%d: %s%n", faulty.name(), problem.line(), problem.message());
    }
    out().flush();
  }

  @Command(
      name = "unknown",
      mixinStandardHelpOptions = true,
      description = "SYNs of capture files that have no name, most frequent first, as entries.")
  int unknown(
      @Option(
              names = "--signatures",
              paramLabel = "FILE",
              description = "Another database, in p0f's syntax.",
              defaultValue = Database.BUILTIN)
          String database,
      @Option(
              names = "--limit",
              paramLabel = "N",
              description = "Show this many at most (default: ${DEFAULT-VALUE}).",
              defaultValue = "100")
          int limit,
      @Parameters(paramLabel = "FILE", arity = "1..*", description = "Capture files.")
          List<String> files) {
    UnknownSyns unknown = new UnknownSyns(Databases.fingerprinter(List.of(database)));
    boolean well = unknown.read(files, System.err);
    List<Unknowns.Count> top = unknown.top(limit);
    for (Unknowns.Count count : top) {
      out().print(entry(count));
    }
    if (top.isEmpty()) {
      out().println("; every SYN has a name");
    }
    out().flush();
    return well ? Main.DONE : Main.FAULT;
  }

  /** An entry that can be pasted into a database once its label is filled in. */
  static String entry(Unknowns.Count count) {
    return """
    ; seen %d times
    label = s:other:NAME:FLAVOR
    sig   = %s

    """
        .formatted(count.count(), count.signature());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.greyprint.app.replay.UnknownSyns;
import org.greyprint.capture.Unknowns;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Entries;
import org.greyprint.fingerprint.Loaded;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      description = {
        "SYNs that have no name, most frequent first, as entries for a database:",
        "of capture files, or without any of the running daemon."
      })
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
      @Mixin ConfigOption config,
      @Parameters(paramLabel = "FILE", arity = "0..*", description = "Capture files.")
          @Nullable List<String> files) {
    if (files == null || files.isEmpty()) {
      return ofDaemon(config, limit);
    }
    UnknownSyns unknown = new UnknownSyns(Databases.fingerprinter(List.of(database)));
    boolean well = unknown.read(files, System.err);
    print(unknown.top(limit));
    return well ? Main.DONE : Main.FAULT;
  }

  private int ofDaemon(ConfigOption config, int limit) {
    DaemonClient daemon = DaemonClient.of(config.load());
    List<Unknowns.Count> counts = new ArrayList<>();
    for (Map<String, Object> each :
        DaemonClient.list(daemon.get("/api/v1/signatures/unknown?limit=" + limit), "unknown")) {
      counts.add(
          new Unknowns.Count(
              DaemonClient.text(each, "signature"), DaemonClient.number(each, "count")));
    }
    print(counts);
    return Main.DONE;
  }

  private void print(List<Unknowns.Count> top) {
    for (Unknowns.Count count : top) {
      out().print(Entries.text(count.signature(), count.count()));
    }
    if (top.isEmpty()) {
      out().println("; every SYN has a name");
    }
    out().flush();
  }
}

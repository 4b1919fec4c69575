// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.Console;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.greyprint.replication.Address;
import org.greyprint.replication.Move;
import org.greyprint.replication.MoveFailure;
import org.greyprint.replication.MoveSettings;
import org.greyprint.replication.MoveSettings.Method;
import org.greyprint.replication.Plan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code greyprint db move}: plan, do it, or return. */
@Command(
    name = "move",
    mixinStandardHelpOptions = true,
    description = {
      "Moves the master OLD with its replicas to the host NEW.",
      "Without --go it shows the plan and every check, and changes nothing."
    })
final class DbMoveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "OLD",
      converter = DbAccess.AddressConverter.class,
      description = "The master as it is: user@host:port.")
  private Address from = new Address("root", "localhost", Address.DEFAULT_PORT);

  @Parameters(
      index = "1",
      paramLabel = "NEW",
      converter = DbAccess.AddressConverter.class,
      description = "The host it moves to: an empty server, or one that follows OLD already.")
  private Address to = new Address("root", "localhost", Address.DEFAULT_PORT);

  @Option(
      names = "--replica",
      paramLabel = "R",
      converter = DbAccess.AddressConverter.class,
      description = "A replica (repeat for more). Without it they are looked for from OLD.")
  private List<Address> replicas = List.of();

  @Option(
      names = "--databases",
      paramLabel = "D",
      split = ",",
      description = "The databases to move; without it all but the server's own.")
  private List<String> databases = List.of();

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      converter = MethodConverter.class,
      description = "gtid or file; without it the plan chooses and says why.")
  private @Nullable Method method;

  @Option(
      names = "--journal",
      paramLabel = "FILE",
      description =
          "Where the journal is (default: in this folder, by the servers' names). The statement"
              + " log is beside it.")
  private @Nullable Path journal;

  @Option(
      names = "--yes",
      description = "Do not ask whether the replicas that were found are all there are.")
  private boolean yes;

  @ArgGroup private Action action = new Action();

  @Mixin private DbAccess access = new DbAccess();

  /** {@code gtid} or {@code file}. */
  static final class MethodConverter implements ITypeConverter<Method> {
    @Override
    public Method convert(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "gtid" -> Method.GTID;
        case "file" -> Method.FILE;
        default -> throw new TypeConversionException("'" + text + "' is neither gtid nor file");
      };
    }
  }

  /** What to do; nothing of it is the plan. */
  static final class Action {
    @Option(names = "--go", description = "Do it; after a crash, go on where it ended.")
    private boolean go;

    @Option(names = "--back", description = "Return to OLD.")
    private boolean back;
  }

  @Override
  public Integer call() {
    Move move =
        new Move(
            settings(),
            new DbProgress(
                spec.commandLine().getErr(),
                System.console() != null && System.console().isTerminal()));
    try {
      if (action.go || action.back) {
        Move.Outcome outcome = action.go ? move.go(this::confirmed) : move.back();
        spec.commandLine().getOut().println(outcome.message());
        return Main.DONE;
      }
      Plan plan = move.plan();
      spec.commandLine().getOut().print(plan.text());
      if (Move.underWay(settings().journal())) {
        spec.commandLine()
            .getOut()
            .println(settings().journal() + ": a move is under way; --go goes on, --back returns.");
      }
      spec.commandLine().getOut().flush();
      return plan.refused() ? Main.FAULT : Main.DONE;
    } catch (MoveFailure e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    }
  }

  /** On a terminal: whether the found replicas are all; one that is not named is left behind. */
  private boolean confirmed(Plan plan) {
    Console console = System.console();
    if (yes || !replicas.isEmpty() || console == null || !console.isTerminal()) {
      return true;
    }
    String found = plan.replicas().isEmpty() ? "none" : String.join(", ", plan.replicas());
    String answer =
        console.readLine(
            "Move %s to %s (%s); replicas found: %s. One that is not found is left behind."
                + " Are these all? [y/N] ",
            from.place(), to.place(), plan.method().name().toLowerCase(Locale.ROOT), found);
    return answer != null && answer.strip().matches("(?i)y|yes");
  }

  private MoveSettings settings() {
    return MoveSettings.of(
            from, to, access.access(System.getenv(), System.console()), journalFile())
        .withReplicas(replicas)
        .withDatabases(databases)
        .withMethod(Optional.ofNullable(method));
  }

  private Path journalFile() {
    return journal != null
        ? journal
        : Path.of(
            ("greyprint-move-" + from.place() + "-" + to.place() + ".journal")
                .replaceAll("[\\[\\]]", "")
                .replace(':', '_'));
  }
}

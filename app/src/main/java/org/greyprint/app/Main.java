// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: one class a command, in this package. */
@Command(
    name = "greyprint",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Keeps mailboxes free of spam by looking at who connects.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      CommandLine.HelpCommand.class,
      ServeCommand.class,
      CheckCommand.class,
      GreylistCommand.class,
      ReplayCommand.class,
      SignaturesCommand.class,
      ExplainCommand.class,
      ReportCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      LogsCommand.class,
      DbCommand.class,
      CompletionCommand.class
    })
public final class Main {
  /** The work was done. */
  public static final int DONE = 0;

  /** The input or the state is at fault. */
  public static final int FAULT = 1;

  /** The command was called wrongly. */
  public static final int USAGE = 2;

  private static volatile boolean serving;

  private Main() {}

  /** Whether this process is the daemon, which logs otherwise than other commands. */
  static boolean serving() {
    return serving;
  }

  public static void main(String[] args) throws InterruptedException {
    Optional<Integer> status =
        plain(
            args, new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out));
    if (status.isPresent() && status.get() == DONE && !serving) {
      // To exit looks for a logger in all libraries, which takes as long as a short command.
      return;
    }
    System.exit(status.isPresent() ? status.get() : commandLine().execute(args));
  }

  /** Commands that must start fast read their usual arguments themselves; else empty. */
  static Optional<Integer> plain(String[] args, InputStream in, OutputStream out)
      throws InterruptedException {
    String command = args.length > 0 ? args[0] : "";
    if (command.equals("serve")) {
      return serve(args);
    }
    if (command.equals("replay")) {
      return ReplayCommand.runPlain(args);
    }
    if (command.equals("logs") && args.length > 1 && args[1].equals("merge")) {
      return LogsMergeCommand.runPlain(args, new BufferedInputStream(in), out);
    }
    return Optional.empty();
  }

  /** Serves, unless the arguments are for the command-line library: empty then. */
  static Optional<Integer> serve(String... args) throws InterruptedException {
    serving = true;
    return ServeCommand.runPlain(args);
  }

  /** The whole command line; a {@link Failure} becomes one line on standard error and status 1. */
  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((e, commandLine, parsed) -> {
          if (e instanceof Failure) {
            commandLine.getErr().println("greyprint: " + e.getMessage());
            return FAULT;
          }
          throw e;
        });
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
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
    if (args.length > 0 && args[0].equals("serve")) {
      Optional<Integer> status = serve(args);
      if (status.isPresent()) {
        System.exit(status.get());
      }
    }
    if (args.length > 1 && args[0].equals("replay")) {
      Optional<Integer> status = ReplayCommand.runPlain(args);
      if (status.isPresent()) {
        if (status.get() != DONE) {
          System.exit(status.get());
        }
        return;
      }
    }
    if (args.length > 2 && args[0].equals("logs") && args[1].equals("merge")) {
      Optional<Integer> status =
          LogsMergeCommand.runPlain(
              args,
              new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
              new FileOutputStream(FileDescriptor.out));
      if (status.isPresent()) {
        if (status.get() != DONE) {
          System.exit(status.get());
        }
        return;
      }
    }
    System.exit(commandLine().execute(args));
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

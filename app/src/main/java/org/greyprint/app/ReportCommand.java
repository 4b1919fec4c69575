// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.greyprint.journal.JournalReader;
import org.greyprint.journal.Summary;
import org.greyprint.journal.Summing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tells what was done: deferred, passed on retry, gave up, delay, by operating system and rule. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "What it did: deferred, passed on retry, gave up, delay, by OS.")
final class ReportCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private JournalOption journal = new JournalOption();

  @Option(
      names = "--since",
      paramLabel = "D",
      defaultValue = "7d",
      description = "From when on: 24h, 7d, 2026-01-31 (default: ${DEFAULT-VALUE}).")
  private String since = "7d";

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page of HTML that loads nothing from elsewhere.")
  private @Nullable Path html;

  private final Clock clock;

  ReportCommand() {
    this(Clock.systemUTC());
  }

  ReportCommand(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Integer call() {
    CommandSpec own = java.util.Objects.requireNonNull(spec);
    Instant now = clock.instant();
    Instant from =
        Times.since(since, now)
            .orElseThrow(() ->
                new ParameterException(
                    own.commandLine(),
                    "--since " + since + ": give a time such as 24h, 7d or 2026-01-31"));
    JournalReader reader = new JournalReader(journal.directory());
    try {
      Summary summary = Summing.of(reader, from, now);
      Path file = html;
      if (file == null) {
        own.commandLine().getOut().print(ReportText.of(summary));
        own.commandLine().getOut().flush();
      } else {
        Files.writeString(file, ReportHtml.of(summary));
      }
    } catch (IOException e) {
      throw new Failure("report: " + e.getMessage() + ": look at the path and its permissions", e);
    }
    journal.tellDamage(reader, own.commandLine().getErr());
    return Main.DONE;
  }
}

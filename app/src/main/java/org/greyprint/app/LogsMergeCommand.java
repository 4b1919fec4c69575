// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.weblogs.LogsException;
import org.greyprint.weblogs.MergeJob;
import org.greyprint.weblogs.MergeSettings;
import org.greyprint.weblogs.Output;
import org.greyprint.weblogs.Source;
import org.greyprint.weblogs.Sources;
import org.greyprint.weblogs.stamp.LogFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code greyprint logs merge FILE...}: the lines of all files in exact order of their instants.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * Exit status 1 with one line on standard error where a log can't be read to its end (nothing is
 * written then), a state file is damaged or in use, an output file is a symbolic link; 2 where the
 * command was called wrongly.
 */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Merges logs of several servers into exact order of time.",
      "",
      "Offsets count (02:00 +0100 comes after 02:59:59 +0200); lines of one instant keep the order"
          + " of the files given, and of their places in them. Lines without a date stay with the"
          + " line before them. Every line read is written, and counted in the summary on standard"
          + " error. Files may be packed with gzip, bzip2, xz or zstd.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  greyprint logs merge web*.log > all.log",
      "  greyprint logs merge --zone +0100 --output all.log web1.log web2.log.gz",
      "  greyprint logs merge --awstats /etc/awstats --dry-run web*.log*",
      "  greyprint logs merge --state /var/lib/merge/state --split /var/log/sites web*.log*",
      "",
      "The last one can run every hour: it takes each record once, also from logs that were rotated"
          + " or packed meanwhile, and after it was killed."
    })
final class LogsMergeCommand implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})\\s*([MmGg])(?:[Ii]?[Bb])?");
  private static final Pattern OFFSET = Pattern.compile("([+-])(\\d\\d):?(\\d\\d)");

  /** Not there in {@link #runPlain}. */
  @Spec private @Nullable CommandSpec spec;

  private @Nullable PrintWriter standardError;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Logs; - for standard input.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Write to this file and not to standard output; it is replaced when all is done, or,"
              + " with --state, continued.")
  private @Nullable Path output;

  @Option(
      names = "--split",
      paramLabel = "DIR",
      description =
          "Write a file for each virtual host (the first field of vhost_combined) into this"
              + " folder.")
  private @Nullable Path split;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description =
          "Remember here what was taken of each log, and take only what is new. With --output or"
              + " --split each record is written once, whenever a run is killed.")
  private @Nullable Path state;

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description =
          "Write every time stamp with this offset: +0100, +01:00, UTC, or a zone that has one"
              + " offset all year.")
  private @Nullable String zone;

  @Option(
      names = "--source-zone",
      paramLabel = "ZONE",
      description =
          "The zone of stamps without an offset, such as syslog's. Default: this machine's.")
  private @Nullable String sourceZone;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "auto (default: told for each file), clf, combined, vhost_combined, syslog, rfc5424,"
              + " iso, or a pattern such as '%%d/%%b/%%Y:%%H:%%M:%%S %%z'; or mail: logs of Postfix,"
              + " Sendmail and Exim, of which AWStats' records of mail are made.")
  private String format = "auto";

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "What the whole process may take, at least 128M. Default: 256M.")
  private String memory = "256M";

  @Option(
      names = "--temporary",
      paramLabel = "DIR",
      description = "The folder for what does not fit into memory. Default: TMPDIR, else /var/tmp.")
  private @Nullable Path temporary;

  @Option(
      names = "--progress",
      negatable = true,
      description = "Show how far it is. Default: where standard error is a terminal.")
  private @Nullable Boolean progress;

  @Mixin private LogsAwstats awstats = new LogsAwstats();

  @Option(names = "--json", description = "Print the summary as JSON.")
  private boolean json;

  /**
   * Runs {@code logs merge} with the options that a merge mostly has, read here: the command-line
   * library takes longer to start than a hundred megabytes take to merge.
   *
   * @param args the whole command line
   * @return the exit status, or empty where the command line has something else, or something
   *     wrong, for the library to see to; nothing was read or written then
   */
  static Optional<Integer> runPlain(String[] args, InputStream in, OutputStream out) {
    LogsMergeCommand command = new LogsMergeCommand();
    Set<String> given = new HashSet<>();
    for (int i = 2; i < args.length; i++) {
      String arg = args[i];
      int equals = arg.indexOf('=');
      String name = arg.startsWith("--") && equals > 0 ? arg.substring(0, equals) : arg;
      if (name.equals("--json")) {
        command.json = true;
      } else if (arg.startsWith("@")) {
        return Optional.empty();
      } else if (!arg.startsWith("-") || arg.equals("-")) {
        command.files.add(arg);
      } else if (!given.add(name)) {
        return Optional.empty();
      } else {
        boolean apart = equals < 0;
        if (apart && ++i == args.length
            || !command.take(name, apart ? args[i] : arg.substring(equals + 1))) {
          return Optional.empty();
        }
      }
    }
    if (command.files.isEmpty()) {
      return Optional.empty();
    }
    try {
      Settings settings = command.settings();
      return Optional.of(command.run(settings, in, out));
    } catch (Usage e) {
      return Optional.empty();
    } catch (Failure e) {
      command.err().println("greyprint: " + e.getMessage());
      return Optional.of(Main.FAULT);
    }
  }

  /** Takes an option's value; false if it is none of these. */
  private boolean take(String name, String value) {
    if (value.isEmpty() || value.startsWith("-")) {
      return false;
    }
    switch (name) {
      case "--format" -> format = value;
      case "--memory" -> memory = value;
      case "--zone" -> zone = value;
      case "--source-zone" -> sourceZone = value;
      case "--output" -> output = Path.of(value);
      case "--split" -> split = Path.of(value);
      case "--state" -> state = Path.of(value);
      case "--temporary" -> temporary = Path.of(value);
      default -> {
        return false;
      }
    }
    return true;
  }

  @Override
  public Integer call() {
    // These two are not closed: they are the process's.
    return run(
        settings(),
        new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
        new FileOutputStream(FileDescriptor.out));
  }

  private int run(Settings settings, InputStream in, OutputStream out) {
    PrintWriter err = err();
    Instant now = Clock.systemUTC().instant();
    boolean shown = progress == null ? LogsProgress.onTerminal() : progress;
    try {
      List<Source> sources = Sources.of(files, in, now);
      MergeSettings merge =
          new MergeSettings(
              sources,
              settings.format,
              settings.sourceZone,
              settings.zone,
              settings.memory,
              temporary());
      if (!awstats.asked() || output != null || split != null || state != null) {
        MergeJob.Report report;
        try (LogsProgress bar = new LogsProgress(err, shown)) {
          report =
              isMail()
                  ? LogsAwstats.mail(merge, Optional.ofNullable(output), out, bar)
                  : MergeJob.run(
                      new MergeJob.Settings(merge, target(out), Optional.ofNullable(state)),
                      now,
                      bar);
        }
        tell(report);
      }
      if (!awstats.asked()) {
        return Main.DONE;
      }
      try (LogsProgress bar = new LogsProgress(err, shown)) {
        return awstats.rebuild(merge, isMail(), bar, shown, this::tell);
      }
    } catch (LogsException e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new Failure("the merge failed: " + e.getMessage(), e);
    }
  }

  private PrintWriter err() {
    if (standardError == null) {
      standardError =
          spec == null ? new PrintWriter(System.err, true) : spec.commandLine().getErr();
    }
    return standardError;
  }

  private void tell(MergeJob.Report report) {
    PrintWriter err = err();
    err.print(json ? LogsSummary.json(report) : LogsSummary.text(report));
    err.flush();
  }

  private boolean isMail() {
    return format.equals(LogsAwstats.MAIL);
  }

  private Output target(OutputStream out) {
    if (split != null) {
      return new Output.ToFolder(split);
    }
    return output == null ? new Output.ToStream(out) : new Output.ToFile(output);
  }

  private Path temporary() {
    if (temporary != null) {
      return temporary;
    }
    String folder = System.getenv("TMPDIR");
    return Path.of(folder == null || folder.isEmpty() ? "/var/tmp" : folder);
  }

  private record Settings(
      LogFormat format, Supplier<ZoneId> sourceZone, Optional<ZoneOffset> zone, long memory) {}

  /** What the words mean; a word that means nothing is wrong usage. */
  private Settings settings() {
    if (split != null && output != null) {
      throw usage("--split and --output exclude each other: a split writes many files");
    }
    awstats.check();
    if (isMail() && (split != null || state != null)) {
      throw usage(
          "--format mail goes with neither --split nor --state: what is told of a message may be"
              + " in lines of two runs");
    }
    LogFormat parsed = LogFormat.AUTO;
    if (!isMail() && !format.equals("auto")) {
      parsed =
          switch (LogFormat.parse(format)) {
            case LogFormat.Result.Good(LogFormat good) -> good;
            case LogFormat.Result.Bad(String why) -> throw usage("--format: " + why);
          };
    }
    if (split != null
        && parsed.kind() != LogFormat.Kind.AUTO
        && parsed.kind() != LogFormat.Kind.VHOST_COMBINED) {
      throw usage("--split needs logs with a virtual host: --format vhost_combined, or auto");
    }
    Supplier<ZoneId> from = ZoneId::systemDefault;
    if (sourceZone != null) {
      ZoneId named = zone(sourceZone, "--source-zone");
      from = () -> named;
    }
    Optional<ZoneOffset> to = Optional.empty();
    if (zone != null) {
      ZoneId named = zone(zone, "--zone");
      if (!named.getRules().isFixedOffset()) {
        throw usage(
            "--zone "
                + zone
                + " has more than one offset in a year, and all stamps are written with one:"
                + " give that, for instance +0100");
      }
      ZoneOffset offset = named.getRules().getOffset(Instant.EPOCH);
      if (offset.getTotalSeconds() % 60 != 0) {
        throw usage("--zone " + zone + " is not of whole minutes");
      }
      to = Optional.of(offset);
    }
    return new Settings(parsed, from, to, octets());
  }

  private ZoneId zone(String word, String option) {
    Matcher offset = OFFSET.matcher(word);
    try {
      return offset.matches()
          ? ZoneOffset.of(offset.group(1) + offset.group(2) + ":" + offset.group(3))
          : ZoneId.of(word.equalsIgnoreCase("utc") ? "UTC" : word);
    } catch (DateTimeException e) {
      throw usage(option + " " + word + " is no offset (+0100) and no zone (Europe/Berlin, UTC)");
    }
  }

  private long octets() {
    Matcher size = SIZE.matcher(memory);
    long octets = 0;
    if (size.matches()) {
      boolean giga = size.group(2).toLowerCase(Locale.ROOT).equals("g");
      octets = Long.parseLong(size.group(1)) << (giga ? 30 : 20);
    }
    if (octets < MergeSettings.LEAST_MEMORY) {
      throw usage("--memory " + memory + " is not a size of 128M or more, as 256M or 2G");
    }
    return octets;
  }

  private RuntimeException usage(String message) {
    return spec == null ? new Usage(message) : WrongUsage.of(spec, message);
  }

  /** Wrong usage, found without the library that reports it. */
  private static final class Usage extends RuntimeException {
    private static final long serialVersionUID = 1;

    Usage(String message) {
      super(message);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.greyprint.weblogs.LogsException;
import org.greyprint.weblogs.Merge;
import org.greyprint.weblogs.MergeJob;
import org.greyprint.weblogs.MergeProgress;
import org.greyprint.weblogs.MergeSettings;
import org.greyprint.weblogs.MergeSummary;
import org.greyprint.weblogs.Source;
import org.greyprint.weblogs.awstats.AwstatsRebuild;
import org.greyprint.weblogs.awstats.RebuildException;
import org.greyprint.weblogs.awstats.RebuildProgress;
import org.greyprint.weblogs.awstats.RebuildReport;
import org.greyprint.weblogs.awstats.RebuildSettings;
import org.greyprint.weblogs.mail.MailConverter;
import org.greyprint.weblogs.stamp.FormatDetection;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.StampContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of {@code logs merge} that concern AWStats, and mail logs for it. */
final class LogsAwstats {
  /** The word that {@code --format} takes for logs of mail servers. */
  static final String MAIL = "mail";

  private static final int SAMPLE = 1 << 16;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--awstats",
      paramLabel = "DIR",
      description =
          "Put the history of AWStats' sites right from these logs, which are complete: DIR has"
              + " awstats.SITE.conf.")
  private @Nullable Path configurations;

  @Option(
      names = "--dry-run",
      description = "With --awstats: show what is wrong and would be done, and change nothing.")
  private boolean dryRun;

  @Option(
      names = "--awstats-site",
      paramLabel = "SITE",
      description = "With --awstats: this site alone, to which all records belong.")
  private @Nullable String site;

  @Option(
      names = "--awstats-program",
      paramLabel = "FILE",
      description = "With --awstats: awstats.pl, where it is in no usual place.")
  private @Nullable Path program;

  @Option(
      names = "--logs-complete",
      description =
          "With --awstats: these logs are all there are, so a day may come out with less than the"
              + " history has, as after counting twice.")
  private boolean logsComplete;

  /** Whether the history of AWStats is to be rebuilt. */
  boolean asked() {
    return configurations != null;
  }

  /** Refuses options without the one they belong to. */
  void check() {
    if (configurations == null && (dryRun || site != null || program != null || logsComplete)) {
      throw WrongUsage.of(
          spec(),
          "--dry-run, --awstats-site, --awstats-program and --logs-complete belong to --awstats"
              + " DIR");
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return spec;
  }

  /**
   * Rebuilds; the report goes to standard output.
   *
   * @param mail whether the logs are those of mail servers
   * @param told gets what was read
   * @return the exit status
   */
  int rebuild(
      MergeSettings merge,
      boolean mail,
      MergeProgress progress,
      boolean shown,
      Consumer<MergeJob.Report> told)
      throws IOException {
    Path folder = configurations;
    if (folder == null) {
      throw new IllegalStateException("--awstats was not given");
    }
    RebuildSettings settings =
        RebuildSettings.of(folder)
            .withMail(mail)
            .withDryRun(dryRun)
            .withLogsComplete(logsComplete)
            .withVirtualHosts(!mail && virtualHosts(merge));
    if (site != null) {
      settings = settings.withSite(site);
    }
    if (program != null) {
      settings = settings.withProgram(program);
    }
    PrintWriter err = spec().commandLine().getErr();
    try (Counting counting = new Counting(err, shown);
        AwstatsRebuild rebuild = AwstatsRebuild.open(settings, counting)) {
      MergeSummary summary =
          mail
              ? Merge.run(plain(merge), new MailConverter(zone(merge), rebuild), progress)
              : Merge.run(merge, rebuild, progress);
      told.accept(new MergeJob.Report(summary, List.of(), 0));
      RebuildReport report = rebuild.finish(readTo(merge.sources(), summary));
      PrintWriter out = spec().commandLine().getOut();
      out.print(report.text());
      out.flush();
      return report.good() ? Main.DONE : Main.FAULT;
    } catch (RebuildException e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Mail logs as AWStats' records, into a file, which is replaced when all is done, or a stream.
   */
  static MergeJob.Report mail(
      MergeSettings merge, Optional<Path> file, OutputStream stream, MergeProgress progress)
      throws IOException {
    if (file.isEmpty()) {
      return mail(merge, stream, progress);
    }
    Path target = file.get().toAbsolutePath();
    Path aside = target.resolveSibling("." + target.getFileName() + ".new");
    try {
      MergeJob.Report report;
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(aside))) {
        report = mail(merge, out, progress);
      }
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      return report;
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private static MergeJob.Report mail(MergeSettings merge, OutputStream out, MergeProgress progress)
      throws IOException {
    OutputStream buffered = new BufferedOutputStream(out, SAMPLE);
    MailConverter converter =
        new MailConverter(
            zone(merge),
            (instant, source, buffer, offset, length) -> buffered.write(buffer, offset, length));
    MergeSummary summary = Merge.run(plain(merge), converter, progress);
    buffered.flush();
    MailConverter.Summary mail = converter.summary();
    return new MergeJob.Report(
        summary,
        List.of(mail.records() + " records of mail, of " + mail.used() + " lines of mail servers"),
        0);
  }

  /** The converter writes stamps itself. */
  private static MergeSettings plain(MergeSettings merge) {
    return merge.withZone(Optional.empty());
  }

  private static ZoneId zone(MergeSettings merge) {
    return merge.zone().isPresent() ? merge.zone().get() : merge.sourceZone().get();
  }

  /** Whether the logs name a virtual host in each record. */
  private static boolean virtualHosts(MergeSettings merge) throws IOException {
    if (merge.format().kind() != LogFormat.Kind.AUTO) {
      return merge.format().hasVirtualHost();
    }
    String with = "";
    String without = "";
    for (Source source : merge.sources()) {
      if (source.file().isEmpty()) {
        throw new LogsException(
            source.name() + " with --awstats: say --format vhost_combined or combined");
      }
      byte[] sample;
      try (InputStream in = source.open()) {
        sample = in.readNBytes(SAMPLE);
      }
      StampContext context = new StampContext(merge.sourceZone(), source.written());
      Optional<LogFormat> format = FormatDetection.detect(sample, sample.length, context);
      if (format.isPresent() && format.get().hasVirtualHost()) {
        with = source.name();
      } else if (format.isPresent()) {
        without = source.name();
      }
    }
    if (!with.isEmpty() && !without.isEmpty()) {
      throw new LogsException(
          with
              + " names virtual hosts and "
              + without
              + " does not: give them one after the other, each with all logs of its sites");
    }
    return !with.isEmpty();
  }

  /** How far each plain log was read. */
  private static Map<Path, Long> readTo(List<Source> sources, MergeSummary summary)
      throws IOException {
    Map<Path, Long> ends = new HashMap<>();
    for (int i = 0; i < sources.size(); i++) {
      Optional<Path> file = sources.get(i).file();
      if (file.isPresent()) {
        ends.put(file.get().toRealPath(), summary.sources().get(i).octets());
      }
    }
    return ends;
  }

  /** Shows on standard error how far AWStats is. */
  private static final class Counting implements RebuildProgress, AutoCloseable {
    private static final long REDRAW_NANOS = 200_000_000L;

    private final PrintWriter err;
    private final boolean shown;
    private long total;
    private long done;
    private long drawn = System.nanoTime();

    Counting(PrintWriter err, boolean shown) {
      this.err = err;
      this.shown = shown;
    }

    @Override
    public synchronized void total(long lines) {
      total = lines;
    }

    @Override
    public synchronized void advance(long lines) {
      done += lines;
      if (shown && System.nanoTime() - drawn >= REDRAW_NANOS) {
        drawn = System.nanoTime();
        err.printf("\r\u001b[KAWStats counts: %,d of %,d lines", done, total);
        err.flush();
      }
    }

    @Override
    public synchronized void note(String line) {
      err.println("greyprint: " + line);
      err.flush();
    }

    @Override
    public synchronized void close() {
      if (shown) {
        err.print("\r\u001b[K");
        err.flush();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.greyprint.weblogs.LineSink;

/**
 * Puts AWStats history right from complete logs.
 *
 * <p>Give it every line of the merged logs in order, then {@link #finish(Map)}. For each site it
 * has awstats.pl make a history from the logs alone, beside the live one; checks that every line is
 * accounted for; compares the two month by month; and lets the months that are wrong change places,
 * after a backup. See docs/awstats.md.
 *
 * <p>DIAGNOSTICS. {@link RebuildException}: nothing was begun, or not for the site named; the
 * message says what to do. A {@link SiteReport} with a failure: that site's history is as it was. A
 * note through {@link RebuildProgress#note}: what an earlier run, cut off, had left was put right.
 *
 * <p>CONFIGURATION. {@link RebuildSettings}; each site's own {@code awstats.SITE.conf} is used as
 * it is, but for where the log and the history are.
 */
public final class AwstatsRebuild implements LineSink, AutoCloseable {
  private static final int CACHED_HOSTS = 50_000;

  private final RebuildSettings settings;
  private final RebuildProgress progress;
  private final List<SiteRebuild> sites = new ArrayList<>();
  private final List<SiteReport> unfit = new ArrayList<>();
  private final List<String> notes;
  private final Spool.OpenFiles files = new Spool.OpenFiles();
  private final Map<String, List<SiteRebuild>> routes = new HashMap<>();
  private final Map<String, Long> strangers = new HashMap<>();
  private final Set<SiteConfig.DateKind> kinds = EnumSet.noneOf(SiteConfig.DateKind.class);
  private List<SiteRebuild> current;
  private boolean inside;
  private boolean begun;
  private long leading;
  private long unclaimed;

  private AwstatsRebuild(RebuildSettings settings, RebuildProgress progress, List<String> notes) {
    this.settings = settings;
    this.progress = progress;
    this.notes = new ArrayList<>(notes);
    this.current = List.of();
  }

  /**
   * Reads the sites' configurations and histories, takes their locks, and puts back what a run that
   * was cut off left.
   *
   * @throws RebuildException if no site fits, or records without a virtual host could be of several
   */
  public static AwstatsRebuild open(RebuildSettings settings, RebuildProgress progress)
      throws IOException, RebuildException {
    return open(settings, progress, step -> {});
  }

  static AwstatsRebuild open(
      RebuildSettings settings, RebuildProgress progress, Consumer<String> steps)
      throws IOException, RebuildException {
    Awstats awstats = Awstats.find(settings.program());
    SiteConfigReader.Found found =
        new SiteConfigReader(awstats.folder(), settings.environment())
            .read(settings.configurations());
    List<SiteConfig> chosen = choose(settings, found.sites());
    AwstatsRebuild rebuild = new AwstatsRebuild(settings, progress, found.notes());
    try {
      for (SiteConfig site : chosen) {
        rebuild.add(site, awstats, steps);
      }
    } catch (IOException | RebuildException | RuntimeException e) {
      rebuild.close();
      throw e;
    }
    return rebuild;
  }

  private void add(SiteConfig site, Awstats awstats, Consumer<String> steps)
      throws IOException, RebuildException {
    try {
      sites.add(new SiteRebuild(site, awstats, settings, progress, steps, files));
      kinds.add(site.dateKind());
    } catch (RebuildException e) {
      if (settings.site().isPresent()) {
        throw e;
      }
      unfit.add(
          new SiteReport(
              site.name(),
              site.directory(),
              List.of(),
              0,
              false,
              false,
              java.util.Optional.empty(),
              List.of(),
              java.util.Optional.of(String.valueOf(e.getMessage()))));
    }
  }

  private static List<SiteConfig> choose(RebuildSettings settings, List<SiteConfig> all)
      throws RebuildException {
    List<SiteConfig> chosen =
        all.stream()
            .filter(site -> (site.type() == 'M') == settings.mail())
            .filter(site -> settings.site().map(site.name()::equals).orElse(true))
            .toList();
    String kind = settings.mail() ? "of mail (LogType=M)" : "of a web server (LogType=W)";
    if (chosen.isEmpty()) {
      throw new RebuildException(
          settings.configurations()
              + ": no configuration of a site "
              + kind
              + settings.site().map(name -> " named " + name).orElse("")
              + "; there are: "
              + names(all));
    }
    if (chosen.size() > 1 && !settings.virtualHosts()) {
      throw new RebuildException(
          settings.configurations()
              + ": the records name no virtual host, and there are "
              + chosen.size()
              + " sites "
              + kind
              + ": "
              + names(chosen)
              + "; say which with --awstats-site");
    }
    return chosen;
  }

  private static String names(List<SiteConfig> sites) {
    return sites.isEmpty()
        ? "none"
        : String.join(", ", sites.stream().map(SiteConfig::name).limit(20).toList());
  }

  /**
   * {@inheritDoc}
   *
   * <p>A line without a date goes where the one before it went.
   */
  @Override
  public void line(long instant, int source, byte[] buffer, int offset, int length)
      throws IOException {
    int to = offset + length;
    boolean start = !inside;
    inside = length > 0 && buffer[to - 1] != '\n';
    if (start) {
      if (isDated(buffer, offset, to)) {
        begun = true;
        current = settings.virtualHosts() ? route(buffer, offset, to) : sites;
      }
      if (current.isEmpty()) {
        if (begun) {
          unclaimed++;
        } else {
          leading++;
        }
      }
    }
    for (SiteRebuild site : current) {
      site.line(buffer, offset, to, start);
    }
  }

  private boolean isDated(byte[] line, int from, int to) {
    for (SiteConfig.DateKind kind : kinds) {
      if (RecordDate.digits(kind, line, from, to) != RecordDate.NONE) {
        return true;
      }
    }
    return false;
  }

  private List<SiteRebuild> route(byte[] line, int from, int to) {
    int end = from;
    while (end < to && line[end] != ' ') {
      end++;
    }
    String host = new String(line, from, end - from, StandardCharsets.ISO_8859_1);
    List<SiteRebuild> found = routes.get(host);
    if (found == null) {
      found = sites.stream().filter(site -> site.site().mayTake(host)).toList();
      if (routes.size() >= CACHED_HOSTS) {
        routes.clear();
      }
      routes.put(host, found);
    }
    if (found.isEmpty() && (strangers.size() < CACHED_HOSTS || strangers.containsKey(host))) {
      strangers.merge(host, 1L, Long::sum);
    }
    return found;
  }

  /** Works on all sites, where no log grows any more. */
  public RebuildReport finish() throws IOException {
    return finish(Map.of());
  }

  /**
   * Works on all sites; what happened to each is in the report.
   *
   * @param readTo how far plain logs were read, in octets, by their real paths: a site whose
   *     LogFile is among them goes on behind that
   */
  public RebuildReport finish(Map<Path, Long> readTo) throws IOException {
    files.close();
    progress.total(sites.stream().mapToLong(SiteRebuild::lines).sum());
    List<SiteReport> reports = new ArrayList<>(unfit);
    try (ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, settings.parallel()))) {
      List<Future<SiteReport>> waiting = new ArrayList<>();
      for (SiteRebuild site : sites) {
        waiting.add(pool.submit(() -> site.finish(readTo)));
      }
      for (Future<SiteReport> future : waiting) {
        reports.add(future.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new IllegalStateException(e.getCause());
    }
    reports.sort(Comparator.comparing(SiteReport::site));
    if (leading > 0) {
      notes.add(leading + " lines without a date before the first record were left out");
    }
    if (unclaimed > 0) {
      notes.add(
          unclaimed
              + " records of no site here"
              + (strangers.isEmpty() ? "" : ": " + mostOfStrangers()));
    }
    return new RebuildReport(settings.dryRun(), List.copyOf(reports), List.copyOf(notes));
  }

  private String mostOfStrangers() {
    List<String> most =
        strangers.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(5)
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .toList();
    return String.join(", ", most) + (strangers.size() > most.size() ? ", ..." : "");
  }

  /** Removes what was needed on the way, and gives the locks back. */
  @Override
  public void close() throws IOException {
    IOException failed = null;
    List<AutoCloseable> all = new ArrayList<>();
    all.add(files);
    all.addAll(sites);
    for (AutoCloseable each : all) {
      try {
        each.close();
      } catch (Exception e) {
        if (failed == null) {
          failed = new IOException(e);
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rebuild of one site, in a folder beside its history.
 *
 * <p>awstats.pl makes a history from the logs alone in {@code DirData/.greyprint-SITE}; the live
 * one is not touched meanwhile, and goes on being shown. What comes out is checked against the
 * logs, then compared with the live one, and only months that are wrong change places with it.
 */
final class SiteRebuild implements AutoCloseable {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");

  private final SiteConfig site;
  private final RebuildSettings settings;
  private final RebuildProgress progress;
  private final Consumer<String> steps;
  private final Path work;
  private final FileChannel lock;
  private final List<String> notes = new ArrayList<>();
  private final LiveHistory live;
  private final Spool spool;
  private final Replay replay;
  private @Nullable UpdateLock theirLock;

  /**
   * Takes the site's lock, puts back what an earlier run left undone, and reads the history.
   *
   * @throws RebuildException if another run is at it, or the history cannot be read
   */
  SiteRebuild(
      SiteConfig site,
      Awstats awstats,
      RebuildSettings settings,
      RebuildProgress progress,
      Consumer<String> steps,
      Spool.OpenFiles files)
      throws IOException, RebuildException {
    this.site = site;
    this.settings = settings;
    this.progress = progress;
    this.steps = steps;
    Path directory = site.directory();
    if (!Files.isDirectory(directory)) {
      throw new RebuildException(site.file() + ": DirData " + directory + " is no folder");
    }
    Optional<Owner> owner = Owner.toBecome(directory);
    this.work = directory.resolve(".greyprint-" + site.name());
    for (String plugin : site.plugins()) {
      if (plugin.startsWith("timezone")) {
        throw new RebuildException(
            site.file()
                + ": the plugin timezone shifts records to other days; take it out and"
                + " give --zone");
      }
    }
    SiteConfig.DateKind kind = site.dateKind();
    this.lock = lock();
    try {
      recover();
      Durable.deleteTree(work);
      for (String folder : List.of("conf", "data", "spool")) {
        Files.createDirectories(work.resolve(folder));
      }
      ActiveUpdates.await(site, settings.patience());
      if (site.locking() && !settings.dryRun()) {
        theirLock = UpdateLock.take(site);
      }
      this.live = LiveHistory.read(site, notes);
      boolean strip = settings.virtualHosts() && !site.namesHost();
      this.spool = new Spool(work.resolve("spool"), kind, strip, live.reached(), files);
      this.replay = new Replay(site, awstats, owner, work, progress::advance, notes);
    } catch (IOException | RebuildException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private FileChannel lock() throws IOException, RebuildException {
    Path file = site.directory().resolve(".greyprint-" + site.name() + ".lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = null;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held in this very process: the same as by another.
    }
    if (held == null) {
      channel.close();
      throw new RebuildException("another rebuild of " + site.name() + " is at work");
    }
    Owner.of(site.directory()).give(file);
    return channel;
  }

  private void recover() throws IOException {
    if (!Files.isDirectory(work)) {
      return;
    }
    Optional<Swap.Restored> restored = new Swap(work, steps).recover();
    if (restored.isEmpty()) {
      progress.note(
          site.name()
              + ": an earlier rebuild was cut off before it changed anything; its work"
              + " folder is removed");
      return;
    }
    StringBuilder text =
        new StringBuilder(site.name())
            .append(": an earlier rebuild was cut off while it put the new history in place; the")
            .append(" old one is back, as it was");
    if (!restored.get().put().isEmpty()) {
      text.append(" (").append(String.join(", ", restored.get().put())).append(')');
    }
    if (!restored.get().left().isEmpty()) {
      text.append("; changed by AWStats since and left: ")
          .append(String.join(", ", restored.get().left()))
          .append(", as it was before in ")
          .append(restored.get().backup());
    }
    progress.note(text.toString());
  }

  /** Takes a line, or a piece of a long one; see {@link Spool#line}. */
  void line(byte[] line, int from, int to, boolean start) throws IOException {
    spool.line(line, from, to, start);
  }

  SiteConfig site() {
    return site;
  }

  /** Lines that awstats.pl will be given, at most. */
  long lines() {
    return Stream.concat(spool.judged().values().stream(), spool.newer().values().stream())
        .mapToLong(MonthLog::lines)
        .sum();
  }

  /**
   * Makes the new history, judges the old one, and puts right what is wrong.
   *
   * @param readTo how far plain logs were read, in octets: AWStats goes on there
   */
  SiteReport finish(Map<Path, Long> readTo) throws IOException {
    List<MonthVerdict> verdicts = new ArrayList<>();
    try {
      replay.makeReady();
      steps.accept("replay");
      for (Map.Entry<Integer, MonthLog> month : spool.judged().entrySet()) {
        replay.run(month.getKey(), month.getValue());
      }
      Map<Integer, History> fresh = replay.read(spool.judged().keySet());
      Judge judge = new Judge(site.resolves(), settings.logsComplete());
      for (Map.Entry<Integer, History> month : fresh.entrySet()) {
        verdicts.add(
            judge.judge(
                Months.of(month.getKey()),
                spool.judged().getOrDefault(month.getKey(), new MonthLog(work)),
                live.history(month.getKey()),
                month.getValue()));
      }
      steps.accept("judged");
      List<MonthVerdict> wrong =
          verdicts.stream().filter(verdict -> verdict.kind().wrong()).toList();
      if (settings.dryRun() || wrong.isEmpty()) {
        return report(verdicts, false, Optional.empty(), Optional.empty());
      }
      List<Swap.Change> changes = changes(wrong, readTo);
      Path backup =
          site.directory()
              .resolve("greyprint-backup")
              .resolve(
                  site.name()
                      + "-"
                      + STAMP.format(LocalDateTime.now(settings.clock().withZone(ZoneOffset.UTC))));
      ActiveUpdates.await(site, settings.patience());
      unchanged(changes);
      new Swap(work, steps).swap(changes, backup);
      return report(verdicts, true, Optional.of(backup), Optional.empty());
    } catch (RebuildException e) {
      return report(verdicts, false, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return report(
          verdicts,
          false,
          Optional.empty(),
          Optional.of(e + "; nothing was changed in " + site.directory()));
    }
  }

  private SiteReport report(
      List<MonthVerdict> verdicts, boolean rebuilt, Optional<Path> backup, Optional<String> why) {
    List<String> all = new ArrayList<>(notes);
    if (spool.leading() > 0) {
      all.add(spool.leading() + " lines without a date before the first record were left out");
    }
    if (spool.endMarks() > 0) {
      all.add(spool.endMarks() + " lines __end_of_file__, where AWStats would stop, were left out");
    }
    long newer = spool.newer().values().stream().mapToLong(MonthLog::lines).sum();
    return new SiteReport(
        site.name(),
        site.directory(),
        List.copyOf(verdicts),
        newer,
        rebuilt,
        rebuilt && newestIsWrong(verdicts),
        backup,
        List.copyOf(all),
        why);
  }

  /**
   * The files to change. If the newest month is among them, what is newer than its last record is
   * counted too: the logs given are all in the history then, and AWStats' next update goes on
   * behind them.
   */
  private List<Swap.Change> changes(List<MonthVerdict> wrong, Map<Path, Long> readTo)
      throws IOException, RebuildException {
    List<Integer> months = new ArrayList<>();
    wrong.forEach(verdict -> months.add(Months.number(verdict.month())));
    if (newestIsWrong(wrong)) {
      for (Map.Entry<Integer, MonthLog> month : spool.newer().entrySet()) {
        replay.run(month.getKey(), month.getValue());
        if (!months.contains(month.getKey())) {
          months.add(month.getKey());
        }
      }
      replay.read(replay.months());
      goOn(months, readTo);
    } else {
      int last = spool.judged().lastKey();
      if (last < live.newest()) {
        replay.closeSessions(last);
      }
      replay.read(spool.judged().keySet());
    }
    months.sort(null);
    List<Swap.Change> changes = new ArrayList<>();
    for (int month : months) {
      Path file = replay.fresh(month);
      if (!Files.exists(file)) {
        continue;
      }
      LiveHistory.Month old = live.month(month);
      Path target =
          old != null ? old.file() : site.directory().resolve(String.valueOf(file.getFileName()));
      live.makeAlike(file, month);
      changes.add(
          new Swap.Change(target, old == null ? null : old.digest(), file, Durable.digest(file)));
    }
    return changes;
  }

  /** Where the site's own log was among those given, AWStats' next update goes on in it. */
  private void goOn(List<Integer> months, Map<Path, Long> readTo) throws IOException {
    Optional<Long> end = Optional.empty();
    Path log = null;
    if (site.logFile().startsWith("/") && Files.isRegularFile(Path.of(site.logFile()))) {
      log = Path.of(site.logFile()).toRealPath();
      end = Optional.ofNullable(readTo.get(log));
    }
    if (log != null && end.isPresent()) {
      LastLine.goOn(replay.fresh(Collections.max(months)), log, end.get());
    }
  }

  private boolean newestIsWrong(List<MonthVerdict> verdicts) {
    return verdicts.stream()
        .anyMatch(
            verdict -> verdict.kind().wrong() && Months.number(verdict.month()) == live.newest());
  }

  private void unchanged(List<Swap.Change> changes) throws IOException, RebuildException {
    for (Swap.Change change : changes) {
      String now = Files.exists(change.live()) ? Durable.digest(change.live()) : null;
      if (!java.util.Objects.equals(now, change.before())) {
        throw new RebuildException(
            "AWStats changed "
                + change.live()
                + " meanwhile; nothing was changed. Set"
                + " EnableLockForUpdate=1, which is heeded here, or stop its updates for so long");
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (!Files.exists(work.resolve("journal"))) {
        Durable.deleteTree(work);
      }
      if (theirLock != null) {
        theirLock.close();
      }
    } finally {
      lock.close();
    }
  }
}

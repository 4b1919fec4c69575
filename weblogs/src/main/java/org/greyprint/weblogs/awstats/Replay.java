// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.greyprint.weblogs.awstats.Awstats.Run;

/**
 * Has awstats.pl make a history from logs alone, in a folder of its own.
 *
 * <p>A month needs no other: AWStats drops all it knows of visitors at a month's end. So nothing is
 * replayed into a folder with older months in it, where AWStats would take the first second of a
 * month for counted: the LastLine of a month's file is the first record of the next.
 */
final class Replay {
  private final SiteConfig site;
  private final Awstats awstats;
  private final Optional<Owner> owner;
  private final Path work;
  private final LongConsumer progress;
  private final List<String> notes;
  private final Map<Integer, Long> counted = new HashMap<>();
  private final SortedMap<Integer, List<MonthLog>> replayed = new TreeMap<>();

  /**
   * @param owner runs as this user, if it is not the one we are
   * @param work the work folder, with the folders conf, data and spool
   * @param progress is told of so many more lines
   * @param notes gets what is worth knowing
   */
  Replay(
      SiteConfig site,
      Awstats awstats,
      Optional<Owner> owner,
      Path work,
      LongConsumer progress,
      List<String> notes) {
    this.site = site;
    this.awstats = awstats;
    this.owner = owner;
    this.work = work;
    this.progress = progress;
    this.notes = notes;
  }

  /** Writes the site's configuration with the log and the history elsewhere. */
  void makeReady() throws IOException, RebuildException {
    List<String> lines = new ArrayList<>(site.lines());
    Path log = work.resolve("spool").resolve("current.log");
    String path = log.toString();
    if (path.matches(".*[%\"'&|<>#\\s].*") || path.contains("__")) {
      throw new RebuildException(
          "DirData " + site.directory() + " has a character in it that AWStats cannot take");
    }
    lines.addAll(
        List.of(
            "LogFile=\"" + path + "\"",
            "DirData=\"" + work.resolve("data") + "\"",
            "EnableLockForUpdate=0",
            "CreateDirDataIfNotExists=0",
            "PurgeLogFile=0",
            "ArchiveLogRecords=0",
            "KeepBackupOfHistoricFiles=0",
            "NbOfLinesForCorruptedLog=999999999999"));
    Files.write(
        work.resolve("conf").resolve(String.valueOf(site.file().getFileName())),
        lines,
        StandardCharsets.ISO_8859_1);
    borrow();
    if (owner.isPresent()) {
      owner.get().giveAll(work);
    }
  }

  /** What AWStats reads in DirData beside history: names it has looked up, files of plugins. */
  private void borrow() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(site.directory())) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      Path target = work.resolve("data").resolve(name);
      if (name.equals("dnscachelastupdate" + site.suffix() + ".txt")) {
        Files.copy(file, target);
      } else if (!name.startsWith(".")
          && !name.startsWith("dnscachelastupdate")
          && !name.matches("awstats\\d{6}.*")) {
        Files.createSymbolicLink(target, file);
      }
    }
  }

  /** Has awstats.pl count one file of records, and checks that it took every one. */
  void run(int month, MonthLog log) throws IOException, RebuildException {
    Path current = work.resolve("spool").resolve("current.log");
    Files.move(log.file(), current, StandardCopyOption.REPLACE_EXISTING);
    long[] done = {0};
    Run run =
        awstats.update(
            work.resolve("conf"),
            site.name(),
            owner,
            work,
            List.of(),
            lines -> {
              progress.accept(lines - done[0]);
              done[0] = lines;
            });
    progress.accept(log.lines() - done[0]);
    Check.run(log, run);
    counted.merge(month, run.counted(), Long::sum);
    replayed.computeIfAbsent(month, m -> new ArrayList<>()).add(log);
    if (run.counted() == 0 && run.corrupted() > 0) {
      notes.add(
          "AWStats takes none of the "
              + log.lines()
              + " records of "
              + Months.of(month)
              + ": LogFormat does not fit them");
    }
    Files.delete(current);
  }

  /** Every month that was run. */
  Set<Integer> months() {
    return replayed.keySet();
  }

  /** Reads what came out for months, and checks it against the lines it was made from. */
  Map<Integer, History> read(Set<Integer> months) throws IOException, RebuildException {
    Map<Integer, History> fresh = new TreeMap<>();
    for (int month : months) {
      Path file = fresh(month);
      long records = counted.getOrDefault(month, 0L);
      if (Files.exists(file) && Files.size(file) > 0) {
        History history = HistoryReader.read(file, Months.of(month));
        Check.history(history, records, replayed.getOrDefault(month, List.of()));
        fresh.put(month, history);
      } else if (records != 0) {
        throw new RebuildException(
            "AWStats counted " + records + " records of " + Months.of(month) + " and stored none");
      }
    }
    return fresh;
  }

  /**
   * AWStats counts how long visits were, and their last pages, when a record of the next month
   * comes. Where the logs end with an older month, a run over an empty log that takes the next
   * month as reached has the same effect.
   */
  void closeSessions(int month) throws IOException, RebuildException {
    YearMonth next = Months.of(month).plusMonths(1);
    Path current = work.resolve("spool").resolve("current.log");
    Files.write(current, new byte[0]);
    if (owner.isPresent()) {
      owner.get().give(current);
    }
    awstats.update(
        work.resolve("conf"),
        site.name(),
        owner,
        work,
        List.of("-lastline=" + Months.number(next) + "01000000"),
        lines -> {});
    Files.delete(current);
  }

  /** Where the history made of a month is. */
  Path fresh(int month) {
    return work.resolve("data")
        .resolve(String.format("awstats%02d%04d%s.txt", month % 100, month / 100, site.suffix()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.testkit.Needs;
import org.greyprint.weblogs.awstats.MonthVerdict.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What goes wrong with the real AWStats, one experiment a test: each shows the damage first, then
 * that the rebuild ends in the history of one run over the sorted log, in every section.
 */
@Tag("peer")
@Needs({"perl", Rig.PROGRAM})
class ExperimentsTest {
  private static final LocalDateTime NOON = LocalDateTime.of(2026, 3, 10, 12, 0, 0);

  @TempDir Path folder;

  /** Lines of one host every 30 seconds: 240 hits in two hours, one visit. */
  private static List<String> steady(LocalDateTime from, int count, String agent) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(WebLog.line("10.0.0.1", from.plusSeconds(30L * i), "/a.html", 200, agent));
    }
    return lines;
  }

  /** What was counted twice goes away only where the user vouches for the logs. */
  private void rebuiltWhereLogsAreComplete(Rig rig, List<String> sorted)
      throws IOException, RebuildException {
    SortedMap<YearMonth, String> damaged = rig.contents();
    RebuildReport refused = rig.rebuild(sorted);
    assertThat(refused.text())
        .contains("counted twice, or logs missing")
        .contains("--logs-complete");
    assertThat(rig.contents()).isEqualTo(damaged);
    rebuiltEquals(rig, sorted, settings -> settings.withLogsComplete(true), Kind.FEWER);
  }

  private void rebuiltEquals(Rig rig, List<String> sorted, Kind kind)
      throws IOException, RebuildException {
    rebuiltEquals(rig, sorted, settings -> settings, kind);
  }

  private void rebuiltEquals(
      Rig rig, List<String> sorted, UnaryOperator<RebuildSettings> settings, Kind kind)
      throws IOException, RebuildException {
    SortedMap<YearMonth, String> reference = rig.reference(sorted);
    assertThat(rig.contents()).isNotEqualTo(reference);
    RebuildReport report = rig.rebuild(sorted, settings);
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.contents()).as(report.text()).isEqualTo(reference);
    assertThat(report.sites().getFirst().wrong().stream().map(MonthVerdict::kind))
        .as(report.text())
        .contains(kind);
    // Once more finds nothing, and changes nothing.
    RebuildReport again = rig.rebuild(sorted);
    assertThat(again.sites().getFirst().wrong()).as(again.text()).isEmpty();
    assertThat(rig.contents()).isEqualTo(reference);
  }

  @Test
  void lateServerIsIgnoredOverSeveralMonths() throws Exception {
    Rig rig = new Rig(folder, "late");
    LocalDateTime start = LocalDateTime.of(2026, 1, 10, 0, 0);
    List<WebLog.Line> a = WebLog.server(1, start, 75, 6);
    List<WebLog.Line> b = WebLog.server(2, start, 75, 6);
    rig.update(WebLog.sorted(a));
    assertThat(rig.update(WebLog.sorted(b))).contains("Found 0 new qualified records");
    rebuiltEquals(rig, WebLog.sorted(WebLog.together(a, b)), Kind.LATE);
  }

  @Test
  void onlyTheMonthWithTheLateChunkChangesPlaces() throws Exception {
    Rig rig = new Rig(folder, "chunk");
    LocalDateTime start = LocalDateTime.of(2026, 1, 1, 0, 0);
    List<WebLog.Line> a = WebLog.server(3, start, 100, 5);
    LocalDateTime from = LocalDateTime.of(2026, 2, 11, 7, 0);
    List<WebLog.Line> seen = new ArrayList<>(a);
    seen.removeIf(line -> line.time().isAfter(from) && line.time().isBefore(from.plusHours(30)));
    rig.update(WebLog.sorted(seen));
    String march = Durable.digest(rig.history(2026, 3));
    String january = Durable.digest(rig.history(2026, 1));
    rebuiltEquals(rig, WebLog.sorted(a), Kind.LATE);
    assertThat(Durable.digest(rig.history(2026, 3))).isEqualTo(march);
    assertThat(Durable.digest(rig.history(2026, 1))).isEqualTo(january);
  }

  @Test
  void logsOfTheDamagedMonthAloneAreEnough() throws Exception {
    Rig rig = new Rig(folder, "alone");
    List<WebLog.Line> a = WebLog.server(4, LocalDateTime.of(2026, 1, 1, 0, 0), 90, 5);
    List<WebLog.Line> seen = new ArrayList<>(a);
    seen.removeIf(line -> line.time().getMonthValue() == 2 && line.time().getDayOfMonth() == 28);
    rig.update(WebLog.sorted(seen));
    SortedMap<YearMonth, String> reference = rig.reference(WebLog.sorted(a));
    List<WebLog.Line> february = new ArrayList<>(a);
    february.removeIf(line -> line.time().getMonthValue() != 2);
    RebuildReport report = rig.rebuild(WebLog.sorted(february));
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.contents()).isEqualTo(reference);
  }

  @Test
  void monthsBeforeTheFirstAreMade() throws Exception {
    Rig rig = new Rig(folder, "first");
    List<WebLog.Line> a = WebLog.server(5, LocalDateTime.of(2025, 12, 20, 0, 0), 60, 5);
    List<WebLog.Line> seen = new ArrayList<>(a);
    seen.removeIf(line -> line.time().getYear() == 2025);
    rig.update(WebLog.sorted(seen));
    rebuiltEquals(rig, WebLog.sorted(a), Kind.ABSENT);
  }

  @Test
  void lastLineThatFitsMakesAwstatsReadNothingEarlier() throws Exception {
    Rig rig = new Rig(folder, "seek");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    rig.update(all.subList(120, 239));
    // The late records take the place of others in the file; the last one seen is where it was.
    List<String> file = new ArrayList<>(all.subList(0, 118));
    file.add(all.get(238));
    file.add(all.get(239));
    assertThat(rig.update(file))
        .contains("Direct access after last parsed record")
        .contains("Found 1 new qualified records");
    rebuiltEquals(rig, all, Kind.LATE);
  }

  @Test
  void newerPhaseRefusesWhatIsOlderThanTheTolerance() throws Exception {
    Rig rig = new Rig(folder, "tolerance");
    LocalDateTime afterMidnight = LocalDateTime.of(2026, 3, 11, 0, 0, 10);
    List<String> first = steady(NOON, 10, WebLog.BROWSER);
    List<String> unsorted = new ArrayList<>();
    unsorted.add(WebLog.line("10.0.0.2", afterMidnight, "/b.html", 200, WebLog.BROWSER));
    // Fifteen seconds late, over midnight.
    unsorted.add(
        WebLog.line("10.0.0.3", afterMidnight.minusSeconds(15), "/c.html", 200, WebLog.BROWSER));
    rig.update(first);
    assertThat(rig.update(unsorted)).contains("Found 1 corrupted records");
    List<String> sorted = new ArrayList<>(first);
    sorted.add(unsorted.get(1));
    sorted.add(unsorted.get(0));
    rebuiltEquals(rig, sorted, Kind.LATE);
  }

  @Test
  void blankingLastLineHasNoEffectOnWhatIsOlderThanTheLastPage() throws Exception {
    Rig rig = new Rig(folder, "blank");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    rig.update(all.subList(120, 240));
    rig.edit(2026, 3, text -> text.replaceFirst("\nLastLine .*\n", "\nLastLine \n"));
    assertThat(rig.update(all.subList(0, 120))).contains("Found 0 new qualified records");
    assertThat(rig.read(2026, 3).hits()).isEqualTo(120);
    rebuiltEquals(rig, all, Kind.LATE);
  }

  @Test
  void blankingBothCountsTwice() throws Exception {
    Rig rig = new Rig(folder, "both");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    List<String> odd = new ArrayList<>();
    for (int i = 0; i < all.size(); i += 2) {
      odd.add(all.get(i));
    }
    odd.add(all.get(239));
    odd.add(all.get(237));
    odd.sort(null);
    assertThat(odd).hasSize(122);
    rig.update(odd);
    rig.edit(
        2026,
        3,
        text ->
            text.replaceFirst("\nLastLine .*\n", "\nLastLine \n")
                .replaceFirst("\nLastTime .*\n", "\nLastTime \n"));
    rig.update(all);
    assertThat(rig.read(2026, 3).hits()).isEqualTo(240 + 122);
    rebuiltWhereLogsAreComplete(rig, all);
  }

  @Test
  void lastLineOptionOverEverythingCountsTwice() throws Exception {
    Rig rig = new Rig(folder, "option");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    rig.update(all.subList(118, 240));
    rig.update(all, "-lastline=20260309000000");
    assertThat(rig.read(2026, 3).hits()).isEqualTo(240 + 122);
    rebuiltWhereLogsAreComplete(rig, all);
  }

  @Test
  void robotHitsCountAgainEachTimeAsNoPageWasViewed() throws Exception {
    Rig rig = new Rig(folder, "robots");
    List<String> all = steady(NOON, 50, WebLog.ROBOT);
    rig.update(all);
    for (int i = 0; i < 2; i++) {
      rig.edit(2026, 3, text -> text.replaceFirst("\nLastLine .*\n", "\nLastLine \n"));
      rig.update(all);
    }
    assertThat(rig.read(2026, 3).records()).isEqualTo(150);
    rebuiltWhereLogsAreComplete(rig, all);
  }

  @Test
  void lastLineOfAnOlderMonthDoesNothing() throws Exception {
    Rig rig = new Rig(folder, "older");
    List<String> february = steady(NOON.minusMonths(1), 40, WebLog.BROWSER);
    List<String> march = steady(NOON, 40, WebLog.BROWSER);
    List<String> seen = new ArrayList<>(february.subList(20, 40));
    seen.addAll(march);
    rig.update(seen);
    rig.edit(
        2026,
        2,
        text ->
            text.replaceFirst("\nLastLine .*\n", "\nLastLine \n")
                .replaceFirst("\nLastTime .*\n", "\nLastTime \n"));
    assertThat(rig.update(february.subList(0, 20))).contains("Found 0 new qualified records");
    List<String> all = new ArrayList<>(february);
    all.addAll(march);
    rebuiltEquals(rig, all, Kind.LATE);
  }

  @Test
  void uncountedLinesWithTheOptionAreRightInTheNewestMonthButForVisits() throws Exception {
    Rig rig = new Rig(folder, "interleaved");
    // Ten visitors, whose records the two servers wrote by turns, 20 minutes apart each.
    List<WebLog.Line> a = new ArrayList<>();
    List<WebLog.Line> b = new ArrayList<>();
    for (int host = 1; host <= 10; host++) {
      for (int i = 0; i < 24; i++) {
        LocalDateTime time = NOON.withHour(2).plusMinutes(20L * i).plusSeconds(host);
        (i % 6 < 3 ? a : b)
            .add(
                new WebLog.Line(
                    time, WebLog.line("10.0.0." + host, time, "/a.html", 200, WebLog.BROWSER)));
      }
    }
    rig.update(WebLog.sorted(a));
    rig.update(WebLog.sorted(b), "-lastline=20260309000000");
    List<String> all = WebLog.sorted(WebLog.together(a, b));
    History wrong = rig.read(2026, 3);
    assertThat(wrong.hits()).isEqualTo(240);
    assertThat(wrong.day(NOON.toLocalDate()).visits()).isGreaterThan(10);
    rebuiltEquals(rig, all, Kind.VISITS);
    assertThat(rig.read(2026, 3).day(NOON.toLocalDate()).visits()).isEqualTo(10);
  }

  @Test
  void withANewerMonthTheOptionReportsNewRecordsAndStoresNone() throws Exception {
    Rig rig = new Rig(folder, "lost");
    List<String> february = steady(NOON.minusMonths(1), 238, WebLog.BROWSER);
    List<String> march = steady(NOON, 10, WebLog.BROWSER);
    List<String> seen = new ArrayList<>(february.subList(118, 238));
    seen.addAll(march);
    rig.update(seen);
    assertThat(rig.update(february.subList(0, 118), "-lastline=20260201000000"))
        .contains("Found 118 new qualified records");
    assertThat(rig.read(2026, 2).hits()).isEqualTo(120);
    // In no day, that is: they are in March's hours, hosts and pages.
    assertThat(rig.read(2026, 3).hits()).isEqualTo(10);
    assertThat(rig.read(2026, 3).viewed()).isEqualTo(128);
    List<String> all = new ArrayList<>(february);
    all.addAll(march);
    rebuiltEquals(rig, all, Kind.MIXED);
  }

  @Test
  void replayBesideTheMonthBeforeLosesTheFirstSecond() throws Exception {
    Rig rig = new Rig(folder, "beside");
    List<WebLog.Line> a = WebLog.server(6, LocalDateTime.of(2026, 2, 1, 0, 0), 58, 5);
    List<String> all = WebLog.sorted(a);
    rig.update(all);
    // By hand: only the damaged month's file is moved away, its log replayed.
    Files.delete(rig.history(2026, 3));
    List<WebLog.Line> march = new ArrayList<>(a);
    march.removeIf(line -> line.time().getMonthValue() != 3);
    assertThat(rig.update(WebLog.sorted(march))).doesNotContain("Found 0 old records");
    rebuiltEquals(rig, all, Kind.LATE);
  }

  @Test
  void theMapAtTheHeadIsNotReadAndAnEmptyLineShiftsIt() throws Exception {
    Rig rig = new Rig(folder, "map");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    rig.update(all.subList(0, 100));
    rig.edit(2026, 3, text -> text.replaceAll("(?m)^(POS_\\w+) \\d+", "$1 7"));
    assertThat(rig.update(all)).contains("Found 140 new qualified records");
    assertThat(rig.contents()).isEqualTo(rig.reference(all));
    RebuildReport report = rig.rebuild(all);
    assertThat(report.sites().getFirst().months())
        .singleElement()
        .extracting(MonthVerdict::kind)
        .isEqualTo(Kind.RIGHT);
  }

  @Test
  void aHistoryInXmlIsReadToo() throws Exception {
    Rig rig = new Rig(folder, "xml", "BuildHistoryFormat=xml");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    rig.update(all.subList(120, 240));
    assertThat(rig.read(2026, 3).faults()).isEmpty();
    assertThat(rig.read(2026, 3).hits()).isEqualTo(120);
    RebuildReport report = rig.rebuild(all);
    assertThat(report.good()).as(report.text()).isTrue();
    History after = rig.read(2026, 3);
    assertThat(after.hits()).isEqualTo(240);
    assertThat(after.day(NOON.toLocalDate()).visits()).isEqualTo(1);
  }

  @Test
  void newerRecordsAreLeftToAwstatsWhereNothingIsWrong() throws Exception {
    Rig rig = new Rig(folder, "newer");
    List<String> all = steady(NOON, 240, WebLog.BROWSER);
    rig.update(all.subList(0, 100));
    RebuildReport report = rig.rebuild(all);
    assertThat(report.sites().getFirst().newer()).isEqualTo(140);
    assertThat(report.sites().getFirst().rebuilt()).isFalse();
    assertThat(rig.read(2026, 3).hits()).isEqualTo(100);
    assertThat(rig.update(all)).contains("Found 140 new qualified records");
  }

  @Test
  void theNextUpdateGoesOnInItsLogWhereTheRebuildEnded() throws Exception {
    Rig rig = new Rig(folder, "goes-on");
    List<WebLog.Line> a = WebLog.server(7, LocalDateTime.of(2026, 2, 20, 0, 0), 20, 5);
    List<WebLog.Line> b = WebLog.server(8, LocalDateTime.of(2026, 2, 20, 0, 0), 20, 5);
    List<String> own = new ArrayList<>(WebLog.sorted(a));
    int half = own.size() / 2;
    // A request that ended late, and one of the same second, are written after what was read.
    String last = own.get(half - 1);
    List<String> rest = new ArrayList<>(own.subList(half, own.size()));
    rest.addFirst(own.get(half - 2).replace("page", "late-page"));
    rest.addFirst(last.replace("page", "same-second-page"));
    List<WebLog.Line> others = new ArrayList<>(b);
    others.removeIf(line -> !line.time().isBefore(WebLog.parsed(last).time()));
    rig.update(own.subList(0, half));
    RebuildReport report = rig.rebuildFromLog(WebLog.sorted(others));
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(report.sites().getFirst().newestRebuilt()).isTrue();
    List<String> grown = new ArrayList<>(own.subList(0, half));
    grown.addAll(rest);
    assertThat(rig.update(grown))
        .contains("Direct access after last parsed record (after line " + half + ")")
        .contains("Found " + rest.size() + " new qualified records");
    List<WebLog.Line> all = new ArrayList<>(others);
    grown.forEach(text -> all.add(WebLog.parsed(text)));
    assertThat(rig.read(2026, 2).days())
        .isEqualTo(days(rig.reference(WebLog.sorted(all)).getOrDefault(YearMonth.of(2026, 2), "")));
  }

  private static SortedMap<LocalDate, History.Day> days(String content) {
    SortedMap<LocalDate, History.Day> days = new TreeMap<>();
    Pattern line = Pattern.compile("(?m)^(\\d{4})(\\d\\d)(\\d\\d) (\\d+) (\\d+) (\\d+) (\\d+)$");
    Matcher day = line.matcher(content);
    while (day.find()) {
      days.put(
          LocalDate.of(
              Integer.parseInt(day.group(1)),
              Integer.parseInt(day.group(2)),
              Integer.parseInt(day.group(3))),
          new History.Day(
              Long.parseLong(day.group(4)),
              Long.parseLong(day.group(5)),
              Long.parseLong(day.group(6)),
              Long.parseLong(day.group(7))));
    }
    return days;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.weblogs.awstats.MonthVerdict.Kind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong on the way, the history is as it was, and the report says so. */
@Tag("peer")
@Needs({"perl", Rig.PROGRAM})
class FailuresTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path folder;

  private Rig rig;
  private List<String> all;
  private Map<String, String> before;

  /** Two months that are both wrong, in a third that is right. */
  @BeforeEach
  void damaged() throws IOException {
    rig = new Rig(folder, "site");
    List<WebLog.Line> lines = WebLog.server(11, LocalDateTime.of(2026, 1, 25, 0, 0), 40, 3);
    List<WebLog.Line> seen = new ArrayList<>(lines);
    seen.removeIf(line -> line.time().getDayOfMonth() == 27);
    all = WebLog.sorted(lines);
    rig.update(WebLog.sorted(seen));
    before = rig.everything();
    assertThat(before).hasSize(3);
  }

  private Path wrapper(String script) throws IOException {
    Path file = folder.resolve("awstats.pl");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  private void failsWith(RebuildReport report, String words) throws IOException {
    assertThat(report.good()).isFalse();
    assertThat(report.text()).contains("failed; the history is as it was").contains(words);
    assertThat(rig.everything()).isEqualTo(before);
    assertThat(rig.data.resolve(".greyprint-site")).doesNotExist();
  }

  private void rightAtLast(RebuildReport report) throws IOException {
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.contents()).isEqualTo(rig.reference(all));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo no database; exit 1 # ended with status 1: no database",
        "kill -9 $$ # ended with status 137",
        "echo Parsed lines in file: 5 # did not come to its end",
        "exec perl " + Rig.PROGRAM + " \"$@\" -updatefor=7 # accounts for",
        "perl "
            + Rig.PROGRAM
            + " \"$@\"; r=$?; sed -i '/^END_VISITOR/,$d'"
            + " data/awstats*.txt; exit $r # End of section VISITOR not found",
        "perl "
            + Rig.PROGRAM
            + " \"$@\"; r=$?; sed -i '/^BEGIN_SESSION/,$d'"
            + " data/awstats032026*.txt; exit $r # is not whole",
        "perl " + Rig.PROGRAM + " \"$@\"; r=$?; rm -f data/awstats*.txt; exit $r # stored none",
        "perl "
            + Rig.PROGRAM
            + " \"$@\"; perl "
            + Rig.PROGRAM
            + " \"$@\" -lastline=20250101000000 # as already counted",
        "perl "
            + Rig.PROGRAM
            + " \"$@\" >/dev/null; perl "
            + Rig.PROGRAM
            + " \"$@\" -lastline=20250101000000 # as already counted"
      })
  void awstatsThatFails(String scriptAndWords) throws Exception {
    String[] parts = scriptAndWords.split(" # ");
    Path program = wrapper(parts[0]);
    String words = parts[1].equals("as already counted") ? "" : parts[1];
    failsWith(rig.rebuild(all, settings -> settings.withProgram(program)), words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay",
        "judged",
        "back up",
        "manifest",
        "journal",
        "install awstats012026",
        "install awstats022026",
        "verify awstats022026",
        "done"
      })
  void killedAtAStep(String step) throws Exception {
    Path log = folder.resolve("all.log");
    Files.write(log, all, StandardCharsets.ISO_8859_1);
    Programs.Result result =
        Programs.run(LIMIT, RebuildMain.command(rig.conf, log, Path.of(Rig.PROGRAM), step));
    assertThat(result.status()).as(result.out()).isEqualTo(137);
    // The next run puts back what was there, and says so, before it begins anew.
    List<String> notes = new ArrayList<>();
    try (AwstatsRebuild next = AwstatsRebuild.open(rig.settings(), noting(notes))) {
      assertThat(rig.everything()).isEqualTo(before);
      assertThat(notes)
          .singleElement()
          .asString()
          .startsWith("site: an earlier rebuild was cut off");
      Rig.feed(next, all);
      rightAtLast(next.finish());
    }
  }

  @Test
  void killedWhileAwstatsRuns() throws Exception {
    Path running = folder.resolve("running");
    Path program =
        wrapper(
            "echo $$ > "
                + running
                + ".new; mv "
                + running
                + ".new "
                + running
                + "; exec sleep 600");
    Path log = folder.resolve("all.log");
    Files.write(log, all, StandardCharsets.ISO_8859_1);
    Process process =
        new ProcessBuilder(RebuildMain.command(rig.conf, log, program, "never"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("out").toFile())
            .start();
    await().atMost(LIMIT).until(() -> Files.exists(running));
    process.destroyForcibly().waitFor();
    long child = Long.parseLong(Files.readString(running).strip());
    ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
    List<String> notes = new ArrayList<>();
    try (AwstatsRebuild next = AwstatsRebuild.open(rig.settings(), noting(notes))) {
      assertThat(rig.everything()).isEqualTo(before);
      assertThat(notes)
          .containsExactly(
              "site: an earlier rebuild was cut off before it changed anything; its work folder is"
                  + " removed");
      Rig.feed(next, all);
      rightAtLast(next.finish());
    }
  }

  private static RebuildProgress noting(List<String> notes) {
    return new RebuildProgress() {
      @Override
      public void total(long lines) {}

      @Override
      public void advance(long lines) {}

      @Override
      public void note(String line) {
        notes.add(line);
      }
    };
  }

  @Test
  void whatOthersChangedAfterTheKillIsLeft() throws Exception {
    Path log = folder.resolve("all.log");
    Files.write(log, all, StandardCharsets.ISO_8859_1);
    Programs.run(
        LIMIT, RebuildMain.command(rig.conf, log, Path.of(Rig.PROGRAM), "install awstats022026"));
    List<String> more = new ArrayList<>(all);
    more.add(
        WebLog.line(
            "10.9.9.9", LocalDateTime.of(2026, 4, 1, 0, 0), "/a.html", 200, WebLog.BROWSER));
    rig.edit(2026, 1, text -> text + "\n# looked at by hand\n");
    String byHand = Durable.digest(rig.history(2026, 1));
    List<String> notes = new ArrayList<>();
    try (AwstatsRebuild next = AwstatsRebuild.open(rig.settings(), noting(notes))) {
      assertThat(notes).singleElement().asString().contains("changed by AWStats since and left");
      assertThat(Durable.digest(rig.history(2026, 1))).isEqualTo(byHand);
    }
  }

  @Test
  void theBackupIsWholeAndStays() throws Exception {
    RebuildReport report = rig.rebuild(all);
    Path backup = report.sites().getFirst().backup().orElseThrow();
    assertThat(report.text()).contains("the old history is in " + backup);
    Programs.Result result =
        Programs.run(LIMIT, List.of("sh", "-c", "cd " + backup + " && sha256sum -c SHA256SUMS"));
    assertThat(result.status()).as(result.out()).isZero();
    assertThat(Durable.digest(backup.resolve("awstats012026.site.txt")))
        .isEqualTo(before.get("awstats012026.site.txt"));
  }

  @Test
  void aDryRunChangesNothingAndSaysWhatWouldBe() throws Exception {
    RebuildReport report = rig.rebuild(all, settings -> settings.withDryRun(true));
    assertThat(rig.everything()).isEqualTo(before);
    assertThat(rig.data.resolve("greyprint-backup")).doesNotExist();
    assertThat(report.text())
        .contains("2 months to rebuild")
        .contains("2026-01  records are missing")
        .contains("2026-02  records are missing")
        .contains("2026-01-27  hits 0 -> ")
        .contains("2026-03  right");
  }

  @Test
  void logsThatAreNotCompleteAreRefused() throws Exception {
    List<String> without = all.stream().filter(line -> !line.contains("[05/Feb/2026")).toList();
    String january = before.get("awstats012026.site.txt");
    RebuildReport report = rig.rebuild(without);
    assertThat(report.good()).isFalse();
    assertThat(report.text()).contains("logs are missing: 2026-02-05;");
    assertThat(report.sites().getFirst().months())
        .filteredOn(month -> month.kind() == Kind.INCOMPLETE)
        .singleElement()
        .satisfies(month -> {
          assertThat(month.month()).isEqualTo(YearMonth.of(2026, 2));
          assertThat(month.missing()).containsExactly(LocalDate.of(2026, 2, 5));
        });
    Map<String, String> after = rig.everything();
    assertThat(after.get("awstats022026.site.txt")).isEqualTo(before.get("awstats022026.site.txt"));
    // January's logs are complete, and January needs no other month.
    assertThat(after.get("awstats012026.site.txt")).isNotEqualTo(january);
    assertThat(rig.contents().get(YearMonth.of(2026, 1)))
        .isEqualTo(rig.reference(all).get(YearMonth.of(2026, 1)));
  }

  @Test
  void aDayInPartIsNoticedToo() throws Exception {
    List<String> without =
        all.stream().filter(line -> !line.contains("[05/Feb/2026") || line.contains(":0")).toList();
    assertThat(without.size()).isLessThan(all.size());
    RebuildReport report = rig.rebuild(without);
    assertThat(report.good()).as(report.text()).isFalse();
    assertThat(report.text()).contains("2026-02-05");
    assertThat(rig.everything().get("awstats022026.site.txt"))
        .isEqualTo(before.get("awstats022026.site.txt"));
  }

  @Test
  void theUserMayVouchForFewer() throws Exception {
    List<String> without = all.stream().filter(line -> !line.contains("[05/Feb/2026")).toList();
    RebuildReport report = rig.rebuild(without, settings -> settings.withLogsComplete(true));
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.contents()).isEqualTo(rig.reference(without));
  }

  @Test
  void aMonthWithNothingLateIsLeftThoughLogsAreMissing() throws Exception {
    List<String> march = all.stream().filter(line -> line.contains("[03/Mar/2026")).toList();
    assertThat(march).isNotEmpty();
    RebuildReport report = rig.rebuild(march);
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(report.text()).contains("the history has all that is in the logs, and more");
    assertThat(rig.everything()).isEqualTo(before);
  }

  @Test
  void anUpdateInBetweenIsNoticed() throws Exception {
    List<String> more = new ArrayList<>(all);
    more.add(
        WebLog.line(
            "10.9.9.9", LocalDateTime.of(2026, 3, 20, 0, 0), "/a.html", 200, WebLog.BROWSER));
    rig.edit(2026, 3, text -> text.replaceFirst("(?m)^BEGIN_DAY(.*)\n.*\n", "BEGIN_DAY$1\n"));
    before = rig.everything();
    try (AwstatsRebuild rebuild =
        AwstatsRebuild.open(
            rig.settings(),
            RebuildProgress.silent(),
            step -> {
              if (step.equals("judged")) {
                try {
                  rig.edit(2026, 1, text -> text + "\n");
                  before = rig.everything();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
            })) {
      Rig.feed(rebuild, more);
      RebuildReport report = rebuild.finish();
      assertThat(report.text()).contains("AWStats changed").contains("EnableLockForUpdate=1");
      assertThat(rig.everything()).isEqualTo(before);
    }
  }

  @Test
  void awstatsIsKeptAwayByItsOwnLock() throws Exception {
    Path locks = Files.createDirectories(folder.resolve("tmp"));
    System.setProperty("greyprint.awstats.lock", locks.toString());
    try {
      Rig locked = new Rig(folder.resolve("locked"), "locked", "EnableLockForUpdate=1");
      locked.update(all.subList(0, 20));
      try (AwstatsRebuild rebuild =
          AwstatsRebuild.open(
              locked.settings().withSite("locked"), RebuildProgress.silent(), step -> {})) {
        assertThat(locks.resolve("awstats.locked.lock")).exists();
        Programs.Result update =
            Programs.run(
                LIMIT,
                Map.of("TMP", locks.toString()),
                List.of(
                    "perl", Rig.PROGRAM, "-config=locked", "-configdir=" + locked.conf, "-update"));
        assertThat(update.status()).isEqualTo(1);
        assertThat(update.out()).contains("seems to be already running");
        Rig.feed(rebuild, all);
        assertThat(rebuild.finish().good()).isTrue();
      }
      assertThat(locks.resolve("awstats.locked.lock")).doesNotExist();
      Files.writeString(locks.resolve("awstats.locked.lock"), "AWStats update started by 1\n");
      assertThatThrownBy(() -> locked.rebuild(all, s -> s.withSite("locked")))
          .isInstanceOf(RebuildException.class)
          .hasMessageContaining("AWStats is updating locked, or was cut off");
    } finally {
      System.clearProperty("greyprint.awstats.lock");
    }
  }

  @Test
  void twoAtATimeAreRefused() throws Exception {
    try (AwstatsRebuild first = AwstatsRebuild.open(rig.settings(), RebuildProgress.silent())) {
      assertThat(first).isNotNull();
      RebuildReport second = rig.rebuild(all);
      assertThat(second.text()).contains("another rebuild of site is at work");
    }
    rightAtLast(rig.rebuild(all));
  }

  @Test
  void hostileLinesNeitherStopItNorHideOthers() throws Exception {
    List<String> odd = new ArrayList<>();
    odd.add("__end_of_file__");
    for (int i = 0; i < 60; i++) {
      odd.add("rubbish " + i);
    }
    odd.addAll(all.subList(0, 30));
    odd.add("__END_OF_FILE__ and so on");
    odd.add("\0binary");
    odd.add("");
    odd.add("# a comment");
    odd.add("x".repeat(200_000));
    odd.addAll(all.subList(30, all.size()));
    RebuildReport report = rig.rebuild(odd);
    rightAtLast(report);
    assertThat(report.text())
        .contains("61 lines without a date before the first record were left out")
        .contains("1 lines __end_of_file__");
  }

  @Test
  @Needs(value = "mount", root = true)
  void aFullDiskLeavesTheHistoryAsItWas() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString());
    try {
      Rig small = new Rig(disk, "small");
      small.update(all.subList(0, all.size() / 2));
      Files.delete(small.log);
      Map<String, String> whole = small.everything();
      SortedMap<YearMonth, String> contents = small.contents();
      int failed = 0;
      for (int left : new int[] {0, 8, 40, 72, 104, 136, 168, 200, 232}) {
        fill(disk, left * 1024L);
        String text;
        try {
          text = small.rebuild(all).text();
        } catch (IOException e) {
          text = "failed: " + e.getMessage();
        }
        Files.delete(disk.resolve("filler"));
        if (text.contains("failed")) {
          failed++;
          assertThat(small.everything()).as(text).isEqualTo(whole);
        } else {
          assertThat(small.contents()).as(text).isNotEqualTo(contents);
          break;
        }
      }
      assertThat(failed).isGreaterThan(2);
      RebuildReport report = small.rebuild(all);
      assertThat(report.good()).as(report.text()).isTrue();
      SortedMap<YearMonth, String> after = small.contents();
      assertThat(after).isEqualTo(rig.reference(all));
    } finally {
      run("umount", disk.toString());
    }
  }

  private static void fill(Path disk, long left) throws IOException {
    long usable = Files.getFileStore(disk).getUsableSpace();
    Files.write(disk.resolve("filler"), new byte[(int) Math.max(0, usable - left)]);
  }

  private static void run(String... command) {
    Programs.Result result = Programs.run(LIMIT, List.of(command));
    assertThat(result.status()).as(result.out()).isZero();
  }

  @Test
  @Needs(value = "setpriv", root = true)
  void filesKeepTheirOwnerAndPermissions() throws Exception {
    for (Path path : List.of(folder, rig.folder)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    run("chown", "-R", "33:34", rig.data.toString());
    run("sh", "-c", "chmod 640 " + rig.data + "/awstats*.txt");
    Path who = Files.createFile(folder.resolve("who"));
    run("chmod", "666", who.toString());
    Path program = wrapper("id -u >> " + who + "; exec perl " + Rig.PROGRAM + " \"$@\"");
    RebuildReport report = rig.rebuild(all, settings -> settings.withProgram(program));
    assertThat(report.good()).as(report.text()).isTrue();
    Programs.Result list =
        Programs.run(
            LIMIT, List.of("sh", "-c", "stat -c '%u:%g %a' " + rig.data + "/awstats*.txt"));
    assertThat(list.out().lines()).hasSize(3).allMatch("33:34 640"::equals);
    assertThat(Files.readAllLines(who)).isNotEmpty().allMatch("33"::equals);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each record once, whatever happens between the runs and in them. */
class StateTest {
  private static final String LINE =
      "www.example.org:80 192.0.2.1 - - [28/Jun/2012:12:%02d:00 +0200] \"GET /%s HTTP/1.1\" 200 5\n";

  @TempDir private Path folder;
  private Path logs;
  private Path out;
  private Path state;

  /** By then a last line without an end is still waited for. */
  private Instant now;

  @BeforeEach
  void begin() throws IOException {
    logs = Files.createDirectory(folder.resolve("logs"));
    out = folder.resolve("all.log");
    state = folder.resolve("state");
    now = Files.getLastModifiedTime(folder).toInstant();
  }

  private static String line(int minute, String page) {
    return String.format(Locale.ROOT, LINE, minute, page);
  }

  private MergeJob.Report merge(Path... files) throws IOException {
    return merge(Stream.of(files).map(Sources::file).toList(), new Output.ToFile(out), Disk.REAL);
  }

  private MergeJob.Report merge(List<Source> sources, Output output, Disk disk) throws IOException {
    MergeSettings settings = MergeSettings.of(sources).withTemporary(folder);
    return MergeJob.run(
        new MergeJob.Settings(settings, output, Optional.of(state)), now, disk, MergeProgress.NONE);
  }

  private static void append(Path file, String text) throws IOException {
    Files.writeString(
        file,
        text,
        StandardCharsets.ISO_8859_1,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private String merged() throws IOException {
    return Files.readString(out, StandardCharsets.ISO_8859_1);
  }

  @Test
  void takesOnlyWhatIsNewAndNamesWhatIsLate() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a") + line(11, "b"));
    assertThat(merge(log).summary().records()).isEqualTo(2);
    assertThat(merge(log).summary().lines()).isZero();
    append(log, line(12, "c") + line(9, "late"));
    MergeSummary summary = merge(log).summary();
    assertThat(summary.records()).isEqualTo(2);
    assertThat(summary.late()).isEqualTo(1);
    assertThat(summary.lateDays()).containsOnlyKeys(15_519L);
    assertThat(merged()).isEqualTo(line(10, "a") + line(11, "b") + line(9, "late") + line(12, "c"));
  }

  @Test
  void anUndatedLineStaysWithTheLineOfTheRunBefore() throws IOException {
    Path one = logs.resolve("one.log");
    Path two = logs.resolve("two.log");
    append(one, line(10, "a"));
    append(two, line(9, "b"));
    merge(one, two);
    append(one, "trace\n");
    append(two, line(9, "c"));
    merge(one, two);
    assertThat(merged()).isEqualTo(line(9, "b") + line(10, "a") + line(9, "c") + "trace\n");
  }

  @Test
  void followsARenamedLog() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    append(log, line(11, "b"));
    Path rotated = logs.resolve("web.log.1");
    Files.move(log, rotated);
    append(log, line(12, "c"));
    merge(log, rotated);
    assertThat(merged()).isEqualTo(line(10, "a") + line(11, "b") + line(12, "c"));
  }

  @Test
  void followsACopiedAndTruncatedLog() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    append(log, line(11, "b"));
    Path rotated = logs.resolve("web.log.1");
    Files.copy(log, rotated);
    Files.write(log, line(12, "c").getBytes(StandardCharsets.ISO_8859_1));
    merge(log, rotated);
    assertThat(merged()).isEqualTo(line(10, "a") + line(11, "b") + line(12, "c"));
  }

  @Test
  void followsALogThatWasPacked() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    append(log, line(11, "b"));
    Path packed = logs.resolve("web.log.1.gz");
    try (OutputStream to = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(log, to);
    }
    Files.delete(log);
    append(log, line(12, "c"));
    merge(log, packed);
    merge(log, packed);
    assertThat(merged()).isEqualTo(line(10, "a") + line(11, "b") + line(12, "c"));
  }

  @Test
  void aCopyBesideTheLogIsNotReadAgain() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    Path copy = logs.resolve("copy.log");
    Files.copy(log, copy);
    MergeJob.Report report = merge(log, copy);
    assertThat(report.notices()).singleElement().asString().contains("copy.log", "copy of it");
    assertThat(merged()).isEqualTo(line(10, "a"));
  }

  @Test
  void aTruncatedLogIsNewWhereItIsAnotherAndNothingWhereItIsNot() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a").repeat(50) + line(11, "b"));
    merge(log);
    Files.write(log, line(10, "a").repeat(50).getBytes(StandardCharsets.ISO_8859_1));
    assertThat(merge(log).summary().lines()).isZero();
    Files.write(log, line(12, "c").getBytes(StandardCharsets.ISO_8859_1));
    assertThat(merge(log).summary().lines()).isEqualTo(1);
    assertThat(merged()).endsWith(line(11, "b") + line(12, "c"));
  }

  @Test
  void waitsForTheEndOfALine() throws IOException {
    Path log = logs.resolve("web.log");
    String last = line(11, "b");
    append(log, line(10, "a") + last.substring(0, 50));
    MergeJob.Report report = merge(log);
    assertThat(report.notices()).singleElement().asString().contains("no end yet (50 octets)");
    append(log, last.substring(50));
    merge(log);
    assertThat(merged()).isEqualTo(line(10, "a") + last);
    append(log, "cut");
    now = now.plusSeconds(7200);
    merge(log);
    assertThat(merged()).isEqualTo(line(10, "a") + last + "cut\n");
  }

  @Test
  void refusesADamagedState() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    byte[] whole = Files.readAllBytes(state);
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(state, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> merge(log))
          .isInstanceOf(LogsException.class)
          .hasMessageContaining("no whole state file");
    }
    Files.write(state, whole);
    assertThat(merge(log).summary().lines()).isZero();
    assertThat(merged()).isEqualTo(line(10, "a"));
  }

  @Test
  void refusesAnotherOutputAndOneThatIsThereBeforeTheFirstRun() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    append(out, "somebody's\n");
    assertThatThrownBy(() -> merge(log)).hasMessageContaining("no state of the runs");
    Files.delete(out);
    merge(log);
    assertThatThrownBy(() ->
            merge(
                List.of(Sources.file(log)),
                new Output.ToFile(folder.resolve("other.log")),
                Disk.REAL))
        .hasMessageContaining("another place");
  }

  @Test
  void goesOnInANewOutputWhereTheOldOneWasTakenAway() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    Files.move(out, folder.resolve("taken.log"));
    append(log, line(11, "b"));
    merge(log);
    assertThat(merged()).isEqualTo(line(11, "b"));
  }

  @Test
  void refusesOneFileGivenTwice() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    Path link = Files.createLink(logs.resolve("same.log"), log);
    assertThatThrownBy(() -> merge(log, link)).hasMessageContaining("same file");
  }

  @Test
  void refusesToWriteToALogItReads() throws IOException {
    Path log = logs.resolve("web.log");
    append(log, line(10, "a"));
    merge(log);
    append(out, line(11, "b"));
    assertThatThrownBy(() -> merge(log, out)).hasMessageContaining("one of the logs");
  }

  /** Rotation of every kind between runs that are cut anywhere: each line once in the end. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachLineOnceWhereverARunIsCut(boolean split) throws IOException {
    int cuts = 0;
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Path place = Files.createDirectory(folder.resolve("seed" + seed));
      logs = Files.createDirectory(place.resolve("logs"));
      out = place.resolve("out");
      state = place.resolve("state");
      Output output = split ? new Output.ToFolder(out) : new Output.ToFile(out);
      Servers servers = new Servers(logs, random);
      for (int run = 0; run < 6; run++) {
        servers.serve(20);
        if (run == 5) {
          servers.finish();
        } else {
          servers.rotate();
        }
        for (int attempt = 0; ; attempt++) {
          CutDisk disk = new CutDisk(attempt < 4 ? random.nextInt(25) : Integer.MAX_VALUE);
          try {
            merge(servers.sources(), output, disk);
            break;
          } catch (IOException e) {
            if (!disk.isCut()) {
              throw e;
            }
            cuts++;
          }
        }
      }
      assertThat(lines(out))
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(servers.written());
    }
    assertThat(cuts).isGreaterThan(200);
  }

  static List<String> lines(Path out) throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(out)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        lines.addAll(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
      }
    }
    return lines;
  }
}

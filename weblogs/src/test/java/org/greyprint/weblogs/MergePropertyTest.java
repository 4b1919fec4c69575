// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.greyprint.weblogs.RandomLogs.Line;
import org.greyprint.weblogs.RandomLogs.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a merge gives of drawn logs is what a plain stable sort gives, octet for octet. */
class MergePropertyTest {
  private static final int CASES = 3000;

  /** So little that all that is for large logs is done with small ones. */
  private static final Budget TINY = new Budget(1 << 18, 1 << 15, 1 << 18, 16, 512, 3);

  @TempDir private Path folder;

  /** How many of the cases could not be given in one reading. */
  private int again;

  @Test
  void theSameAsAPlainSort() throws IOException {
    for (int seed = 0; seed < CASES; seed++) {
      boolean longLines = seed % 100 == 0;
      check(seed, new RandomLogs(new Random(seed)).draw(longLines), Budget.of(0));
    }
  }

  @Test
  void theSameWithHardlyAnyMemory() throws IOException {
    for (int seed = CASES; seed < 2 * CASES; seed++) {
      boolean longLines = seed % 10 == 0;
      check(seed, new RandomLogs(new Random(seed)).draw(longLines), TINY);
    }
  }

  @Test
  void theSameInOneReadingOrInTwo() throws IOException {
    for (int seed = 2 * CASES; seed < 3 * CASES; seed++) {
      boolean longLines = seed % 10 == 0;
      List<Log> logs = new RandomLogs(new Random(seed)).draw(longLines);
      List<Source> sources = new ArrayList<>();
      for (int i = 0; i < logs.size(); i++) {
        sources.add(written(Files.write(folder.resolve(i + ".log"), logs.get(i).text())));
      }
      passing(seed, logs, MergeSettings.of(sources).withSourceZone(RandomLogs.ZONE));
    }
    assertThat(again).isBetween(CASES / 20, CASES * 19 / 20);
  }

  private void passing(int seed, List<Log> logs, MergeSettings settings) throws IOException {
    Path output = folder.resolve("output");
    Files.writeString(output, "before\n");
    // Read once, a little of each file ahead.
    Budget budget = new Budget(1 << 18, 1 << 15, 1 << 22, 16, 512 << seed % 5, 3);
    try (FileChannel channel =
            FileChannel.open(output, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        MergeRun run =
            MergeRun.open(
                settings.withTemporary(folder), budget, Resumption.NONE, MergeProgress.NONE)) {
      List<Scan> once = List.copyOf(run.scans());
      run.merge(new Draft(channel));
      again += run.scans().equals(once) ? 0 : 1;
      byte[] merged = Files.readAllBytes(output);
      assertThat(new String(merged, 0, 7, StandardCharsets.US_ASCII)).isEqualTo("before\n");
      check(seed, logs, Arrays.copyOfRange(merged, 7, merged.length), run.summary());
    }
  }

  private void check(int seed, List<Log> logs, Budget budget) throws IOException {
    Random random = new Random(seed);
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < logs.size(); i++) {
      sources.add(source(random, logs.get(i).text(), i));
    }
    MergeSettings settings =
        MergeSettings.of(sources).withSourceZone(RandomLogs.ZONE).withTemporary(folder);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MergeRun run = MergeRun.open(settings, budget, Resumption.NONE, MergeProgress.NONE)) {
      run.scan();
      run.merge(out);
      check(seed, logs, out.toByteArray(), run.summary());
    }
  }

  private Source source(Random random, byte[] text, int number) throws IOException {
    switch (random.nextInt(6)) {
      case 0 -> {
        return Sources.stream(
            "stream " + number, new ByteArrayInputStream(text), RandomLogs.WRITTEN);
      }
      case 1 -> {
        Path file = folder.resolve(number + ".gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
          out.write(text);
        }
        return written(file);
      }
      default -> {
        Path file = folder.resolve(number + ".log");
        Files.write(file, text);
        return written(file);
      }
    }
  }

  private static Source written(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(RandomLogs.WRITTEN));
    return Sources.file(file);
  }

  static void check(int seed, List<Log> logs, byte[] merged, MergeSummary summary) {
    int at = 0;
    int number = 0;
    for (Line line : RandomLogs.sorted(logs)) {
      int length = line.text().length;
      if (at + length > merged.length
          || !Arrays.equals(merged, at, at + length, line.text(), 0, length)) {
        throw new AssertionError(
            "seed "
                + seed
                + ": line "
                + number
                + " of "
                + RandomLogs.local(line.instant())
                + " differs: "
                + new String(
                    line.text(),
                    0,
                    Math.min(length, 100),
                    java.nio.charset.StandardCharsets.ISO_8859_1)
                + " is\n"
                + new String(
                    merged,
                    at,
                    Math.min(100, merged.length - at),
                    java.nio.charset.StandardCharsets.ISO_8859_1));
      }
      at += length;
      number++;
    }
    assertThat(merged.length).as("seed %d", seed).isEqualTo(at);
    assertThat(summary.lines()).as("seed %d", seed).isEqualTo(number);
    for (int i = 0; i < logs.size(); i++) {
      assertThat(summary.sources().get(i).octets()).isEqualTo(logs.get(i).text().length);
      assertThat(summary.sources().get(i).records() + summary.sources().get(i).undated())
          .isEqualTo(logs.get(i).lines().size());
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final Budget TINY = new Budget(1 << 18, 1 << 15, 1 << 18, 16, 3);

  @TempDir private Path folder;

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

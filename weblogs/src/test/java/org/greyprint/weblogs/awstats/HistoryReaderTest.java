// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryReaderTest {
  private static final YearMonth MARCH = YearMonth.of(2026, 3);
  private static final String TEXT =
      """
      AWSTATS DATA FILE 7.8 (build 20200416)
      # If you remove this file, all statistics for date 202603 will be lost/reset.

      BEGIN_MAP 8
      POS_GENERAL 1980
      POS_TIME 2667
      POS_VISITOR 3640
      POS_DAY 4045
      POS_ROBOT 5213
      POS_DOWNLOADS 6206
      POS_SIDER 5916
      POS_ERRORS 7306
      END_MAP

      # LastLine    = Date of last record processed
      BEGIN_GENERAL 8
      LastLine 20260331235923 2017 218302 5962115571325
      FirstTime 20260301013046
      LastTime 20260328233012
      LastUpdate 20261125132750 2017 0 2016 0 0
      TotalVisits 245                 \s
      END_GENERAL

      # Hour - Pages - Hits - Bandwidth - Not viewed Pages - Not viewed Hits - Not viewed Bandwidth
      BEGIN_TIME 24
      0 7 14 99599 29 68 326184
      23 1 2 3 4 5 6
      END_TIME
      BEGIN_VISITOR 2
      10.0.0.4 42 72 360470 20260328231541
      host.example.org 1 2 3 20260328231541 20260328231500 /a.html
      END_VISITOR
      BEGIN_DAY 2
      20260301 13 23 132325 13
      20260331 8 15 115441 8
      END_DAY
      BEGIN_ROBOT 1
      Googlebot/ 532 2710542 20260228233005 0
      END_ROBOT
      BEGIN_SIDER 1
      /a.html 126 640544 125 123
      END_SIDER
      BEGIN_DOWNLOADS 1
      /f.zip 241 82 1633334
      END_DOWNLOADS
      BEGIN_ERRORS 1
      404 304 1490341
      END_ERRORS
      """;

  @TempDir Path folder;

  private History read(String text) throws Exception {
    Path file = folder.resolve("awstats032026.x.txt");
    Files.writeString(file, text, StandardCharsets.ISO_8859_1);
    return HistoryReader.read(file, MARCH);
  }

  @Test
  void readsWhatARebuildNeeds() throws Exception {
    History history = read(TEXT);
    assertThat(history.faults()).isEmpty();
    assertThat(history.reached()).isEqualTo(20260331235923L);
    assertThat(history.lastTime()).isEqualTo(20260328233012L);
    assertThat(history.day(LocalDate.of(2026, 3, 1)))
        .isEqualTo(new History.Day(13, 23, 132_325, 13));
    assertThat(history.hits()).isEqualTo(38);
    assertThat(history.hours().get(0)).isEqualTo(new History.Hour(14, 68));
    assertThat(history.records()).isEqualTo(14 + 68 + 2 + 5);
    assertThat(history.continued()).isEqualTo(82);
    assertThat(history.seen())
        .containsEntry("VISITOR 10.0.0.4", 20260328231541L)
        .containsEntry("ROBOT Googlebot/", 20260228233005L)
        .containsEntry("SIDER /a.html", 0L)
        .containsEntry("ERRORS 404", 0L)
        .hasSize(5);
  }

  @Test
  void aBlankLastLineMeansLastTime() throws Exception {
    History history = read(TEXT.replaceFirst("LastLine 2026.*", "LastLine "));
    assertThat(history.lastLine()).isZero();
    assertThat(history.reached()).isEqualTo(20260328233012L);
  }

  @Test
  void aFileCutAnywhereIsNotWhole() throws Exception {
    int end = TEXT.indexOf("END_ERRORS");
    for (int length = 0; length < end; length += 7) {
      assertThat(read(TEXT.substring(0, length)).faults()).as("cut at " + length).isNotEmpty();
    }
  }

  @Test
  void damageNeverFailsAndNoDayOfAnotherMonthComesOut() throws Exception {
    Random random = new Random(42);
    for (int round = 0; round < 400; round++) {
      byte[] bytes = TEXT.getBytes(StandardCharsets.ISO_8859_1);
      for (int i = random.nextInt(12); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      History history = read(new String(bytes, StandardCharsets.ISO_8859_1));
      assertThat(history.days().keySet()).allMatch(day -> YearMonth.from(day).equals(MARCH));
      assertThat(history.hours()).hasSize(24);
      assertThat(history.records()).isNotNegative();
    }
  }
}

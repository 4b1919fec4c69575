// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.greyprint.weblogs.awstats.SiteConfig.DateKind;
import org.junit.jupiter.api.Test;

class RecordDateTest {
  private static long digits(DateKind kind, String line) {
    byte[] bytes = line.getBytes(StandardCharsets.ISO_8859_1);
    return RecordDate.digits(kind, bytes, 0, bytes.length);
  }

  @Test
  void digitsAreThoseOfTheLine() {
    assertThat(digits(DateKind.BRACKETS, "h - jo [x] doe [31/Jan/2026:23:59:60 +0100] \"GET /\""))
        .isEqualTo(20260131235960L);
    assertThat(digits(DateKind.ISO, "2026-01-31 00:00:01 a b")).isEqualTo(20260131000001L);
    assertThat(digits(DateKind.ISO, "x 2026-01-31T00:00:01Z")).isEqualTo(20260131000001L);
  }

  @Test
  void whatIsNoDateHasNone() {
    for (String line :
        new String[] {
          "",
          "[31/Jan/2026:23:59:5",
          "[31/jan/2026:23:59:59 +0100]",
          "[41/Jan/2026:23:59:59 +0100]",
          "[31/Jan/2026:24:59:59 +0100]",
          "[31/Jan/2026 23:59:59 +0100]"
        }) {
      assertThat(digits(DateKind.BRACKETS, line)).as(line).isEqualTo(RecordDate.NONE);
    }
    assertThat(digits(DateKind.ISO, "2026-13-31 00:00:01")).isEqualTo(RecordDate.NONE);
  }

  @Test
  void noOctetsFailIt() {
    Random random = new Random(5);
    byte[] line =
        "h - - [31/Jan/2026:23:59:59 +0100] 2026-01-31 00:00:01"
            .getBytes(StandardCharsets.ISO_8859_1);
    long found = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = line.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      int from = random.nextInt(damaged.length);
      int to = from + random.nextInt(damaged.length - from + 1);
      for (DateKind kind : DateKind.values()) {
        long digits = RecordDate.digits(kind, damaged, from, to);
        if (digits != RecordDate.NONE) {
          found++;
          assertThat(RecordDate.hour(digits)).isBetween(0, 23);
          assertThat(RecordDate.day(digits)).isBetween(0, 31);
        }
      }
    }
    assertThat(found).isPositive();
  }
}

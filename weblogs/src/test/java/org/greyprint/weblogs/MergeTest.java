// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.greyprint.weblogs.stamp.LogFormat;
import org.junit.jupiter.api.Test;

class MergeTest {
  private static final Instant WRITTEN = Instant.parse("2012-07-01T00:00:00Z");

  private static MergeSettings logs(String... texts) {
    List<Source> sources = new ArrayList<>();
    for (String text : texts) {
      sources.add(
          Sources.stream(
              "log" + sources.size(),
              new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)),
              WRITTEN));
    }
    return MergeSettings.of(sources).withSourceZone(ZoneId.of("Europe/Berlin"));
  }

  private static String merged(MergeSettings settings) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Merge.run(settings, out, MergeProgress.NONE);
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  private static String hit(String stamp, String page) {
    return "192.0.2.1 - - [" + stamp + "] \"GET /" + page + " HTTP/1.1\" 200 5 \"-\" \"-\"\n";
  }

  @Test
  void ordersByInstantAndNotByDigits() throws IOException {
    String summer = hit("28/Oct/2012:02:59:59 +0200", "a");
    String winter = hit("28/Oct/2012:02:00:00 +0100", "b");
    String utc = hit("28/Oct/2012:00:59:59 +0000", "c");
    assertThat(merged(logs(winter, summer, utc))).isEqualTo(summer + utc + winter);
  }

  @Test
  void writesOneOffsetWithExactDigits() throws IOException {
    MergeSettings settings =
        logs(hit("28/Oct/2012:02:00:00 +0100", "b"), hit("31/Dec/2011:23:30:00 -0430", "a"))
            .withZone(Optional.of(ZoneOffset.ofHours(2)));
    assertThat(merged(settings))
        .isEqualTo(hit("01/Jan/2012:06:00:00 +0200", "a") + hit("28/Oct/2012:03:00:00 +0200", "b"));
  }

  @Test
  void keepsUndatedLinesWithTheLineBeforeThemAndEndsTheLastLine() throws IOException {
    String first = hit("28/Jun/2012:12:00:00 +0200", "a") + "trace 1\r\n\ntrace 2\n";
    String second = "no date\n" + hit("28/Jun/2012:12:00:01 +0200", "b").strip();
    MergeSettings settings = logs(second, first).withFormat(LogFormat.COMBINED);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    MergeSummary summary = Merge.run(settings, out, MergeProgress.NONE);
    assertThat(out.toString(StandardCharsets.ISO_8859_1))
        .isEqualTo("no date\n" + first + hit("28/Jun/2012:12:00:01 +0200", "b"));
    assertThat(summary.undated()).isEqualTo(4);
    assertThat(summary.records()).isEqualTo(2);
  }
}

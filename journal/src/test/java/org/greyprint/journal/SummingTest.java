// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SummingTest {
  private final Summing summing = new Summing(Duration.ofDays(1));

  private void add(
      Instant time, String client, String verdict, String intended, Map<String, Object> evidence) {
    Map<String, Object> all = new java.util.HashMap<>(evidence);
    all.put("envelope.sender", "anna@example.org");
    all.put("envelope.recipient", "bob@example.net");
    summing.add(
        new Entry(
            "id",
            time,
            Entries.address(client),
            1,
            verdict,
            intended,
            Duration.ZERO,
            "rule",
            "",
            List.of(),
            all));
  }

  private static final Map<String, Object> PC = Map.of("os.label", "Windows 10 or 11");

  private static Map<String, Object> passed(long waited) {
    return Map.of(
        "os.label", "Windows 10 or 11", "greylist.state", "passed", "greylist.waited", waited);
  }

  @Test
  void tellsWhoPassedWhoGaveUpAndWhoStillWaits() {
    Instant t = Entries.TIME;
    add(t, "192.0.2.1", "defer", "defer", PC);
    add(t.plusSeconds(60), "192.0.2.9", "defer", "defer", PC);
    add(t.plusSeconds(400), "192.0.2.1", "deliver", "deliver", passed(400));
    add(t.plusSeconds(500), "192.0.2.1", "deliver", "deliver", passed(0));
    add(t.plusSeconds(600), "198.51.100.1", "defer", "defer", PC);
    add(t.plus(Duration.ofDays(3)), "203.0.113.1", "defer", "defer", PC);
    add(t.plus(Duration.ofDays(3)), "2001:db8::1", "deliver", "deliver", Map.of());
    Summary summary = summing.summary(t.plus(Duration.ofDays(3)).plusSeconds(60));
    assertThat(summary.total()).isEqualTo(7);
    assertThat(summary.decisions())
        .containsEntry("deliver", 3L)
        .containsEntry("defer", 4L)
        .containsEntry("reject", 0L);
    assertThat(summary.deferred()).isEqualTo(3);
    assertThat(summary.passed()).isEqualTo(1);
    assertThat(summary.gaveUp()).isEqualTo(1);
    assertThat(summary.waiting()).isEqualTo(1);
    assertThat(summary.delay(0.5)).isEqualTo(Duration.ofSeconds(400));
    assertThat(summary.byOs().get("Windows 10 or 11"))
        .isEqualTo(new Summary.Line(2, 4, 0, 0, 3, 1, 1));
    assertThat(summary.byOs().get("UNKNOWN")).isEqualTo(new Summary.Line(1, 0, 0, 0, 0, 0, 0));
    assertThat(summary.byDay()).hasSize(4).containsKey(LocalDate.of(2026, 2, 1));
  }

  @Test
  void tellsWhatWouldHaveBeenDone() {
    add(Entries.TIME, "192.0.2.1", "deliver", "defer", PC);
    add(Entries.TIME, "192.0.2.1", "deliver", "reject", PC);
    add(Entries.TIME, "192.0.2.1", "deliver", "deliver", PC);
    Summary summary = summing.summary(Entries.TIME);
    assertThat(summary.observed()).containsEntry("defer", 1L).containsEntry("reject", 1L);
    assertThat(summary.deferred()).isZero();
    assertThat(summary.byRule().get("rule")).isEqualTo(new Summary.Line(3, 0, 0, 2, 0, 0, 0));
  }

  @Test
  void sharesOfDelays() {
    for (int i = 1; i <= 10; i++) {
      String client = "192.0." + i + ".1";
      add(Entries.TIME, client, "defer", "defer", PC);
      add(Entries.TIME, client, "deliver", "deliver", passed(i * 100));
    }
    Summary summary = summing.summary(Entries.TIME);
    assertThat(summary.delay(0.5)).isEqualTo(Duration.ofSeconds(500));
    assertThat(summary.delay(0.9)).isEqualTo(Duration.ofSeconds(900));
    assertThat(summary.delay(1)).isEqualTo(Duration.ofSeconds(1000));
    assertThat(new Summing(Duration.ofDays(1)).summary(Entries.TIME).delay(0.5))
        .isEqualTo(Duration.ZERO);
  }
}

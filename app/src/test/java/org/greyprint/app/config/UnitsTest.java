// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnitsTest {
  @Test
  void times() {
    assertThat(Units.duration("0")).contains(Duration.ZERO);
    assertThat(Units.duration("250ms")).contains(Duration.ofMillis(250));
    assertThat(Units.duration("1.5s")).contains(Duration.ofMillis(1500));
    assertThat(Units.duration("1h30m")).contains(Duration.ofMinutes(90));
    assertThat(Units.duration("2d")).contains(Duration.ofDays(2));
    assertThat(Units.duration("1w")).contains(Duration.ofDays(7));
  }

  @Test
  void whatIsNoTime() {
    for (String text :
        List.of("", "5", "m", "5 m", "-5m", "5min", "m5", "5m6", "1e3s", "999999999999w", "٣s")) {
      assertThat(Units.duration(text)).as(text).isEmpty();
    }
  }

  @Test
  void textsOfTimesAreReadBack() {
    for (String text : List.of("0", "1ms", "90s", "5m", "6h", "2d", "1500ms")) {
      assertThat(Units.text(Units.duration(text).orElseThrow())).isEqualTo(text);
    }
  }

  @Test
  void sizes() {
    assertThat(Units.octets("1000")).contains(1000L);
    assertThat(Units.octets("64k")).contains(65_536L);
    assertThat(Units.octets("50M")).contains(50L << 20);
    assertThat(Units.octets("1G")).contains(1L << 30);
    assertThat(List.of("", "k", "1T", "-1", "1.5M", "1 k"))
        .allMatch(text -> Units.octets(text).isEmpty());
    assertThat(Units.octets(65_536)).isEqualTo("64k");
    assertThat(Units.octets(512)).isEqualTo("512");
    assertThat(Units.octets(1L << 40)).isEqualTo("1024G");
  }

  @Test
  void neighboursExchangedAreNear() {
    assertThat(Nearest.distance("dealy", "delay")).isEqualTo(1);
    assertThat(Nearest.hint("dealy", List.of("window", "delay"))).contains("did you mean delay?");
    assertThat(Nearest.hint("xyz", List.of("window", "delay"))).contains("known are window, delay");
  }
}

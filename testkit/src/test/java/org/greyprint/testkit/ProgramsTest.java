// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgramsTest {
  @Test
  void findsWhatIsThereAndNotWhatIsNot() {
    assertThat(Programs.find("sh")).isPresent();
    assertThat(Programs.find("no-such-program-anywhere")).isEmpty();
  }

  @Test
  void givesStatusAndBothOutputs() {
    Programs.Result result =
        Programs.run(Duration.ofSeconds(10), List.of("sh", "-c", "echo one; echo two >&2; exit 3"));
    assertThat(result).isEqualTo(new Programs.Result(3, "one\ntwo\n"));
  }

  @Test
  void endsWhatDoesNotEnd() {
    assertThatThrownBy(() -> Programs.run(Duration.ofMillis(200), List.of("sleep", "60")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not ended within");
  }
}

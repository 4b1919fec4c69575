// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The records that wait to be written. */
class PendingTest {
  private static Entry entry(String reason, Map<String, Object> evidence) {
    return new Entry(
        "id",
        Entries.TIME,
        Entries.address("192.0.2.1"),
        25,
        "deliver",
        "deliver",
        Duration.ZERO,
        "rule",
        reason,
        List.of(),
        evidence);
  }

  private static int records(Pending.Taken taken) {
    Output out = taken.octets();
    int count = 0;
    for (int at = 0; at < out.size(); at = Frames.next(out, at)) {
      assertThat(Frames.whole(out.array(), at, out.size())).isPositive();
      count++;
    }
    assertThat(count).isEqualTo(taken.count());
    return count;
  }

  @Test
  void eachIsTakenOnce() {
    Pending pending = new Pending(10);
    assertThat(pending.add(entry("one", Map.of()))).isEqualTo(1);
    assertThat(pending.add(entry("two", Map.of()))).isEqualTo(2);
    assertThat(records(pending.take())).isEqualTo(2);
    assertThat(records(pending.take())).isZero();
    assertThat(pending.add(entry("three", Map.of()))).isEqualTo(1);
    assertThat(records(pending.take())).isEqualTo(1);
  }

  @Test
  void noMoreWaitThanMay() {
    Pending pending = new Pending(2);
    pending.add(entry("one", Map.of()));
    pending.add(entry("two", Map.of()));
    assertThat(pending.add(entry("three", Map.of()))).isZero();
    assertThat(records(pending.take())).isEqualTo(2);
    assertThat(pending.add(entry("four", Map.of()))).isEqualTo(1);
  }

  @Test
  void largeOnesAreBoundedByTheirOctets() {
    Pending pending = new Pending(Integer.MAX_VALUE);
    Entry large = entry("x".repeat(2000), Map.of("a", List.of("y".repeat(2000)), "b", "z"));
    int most = 1 << 24;
    int count = 0;
    while (pending.add(large) > 0) {
      count++;
    }
    Pending.Taken taken = pending.take();
    assertThat(records(taken)).isEqualTo(count);
    assertThat(taken.octets().size()).isBetween(most, most + 5000);
    pending.take();
    pending.take();
    assertThat(pending.take().octets().array().length).as("is not kept").isLessThan(most);
  }

  /** Evidence that cannot be written leaves nothing of itself behind. */
  @Test
  void oneThatFailsHalfwayIsNotThere() {
    Object bad =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        };
    Pending pending = new Pending(10);
    pending.add(entry("one", Map.of()));
    assertThatThrownBy(() -> pending.add(entry("two", Map.of("bad", bad)))).hasMessage("no text");
    pending.add(entry("three", Map.of()));
    assertThat(records(pending.take())).isEqualTo(2);
  }

  @Test
  void noneIsAddedToAClosedOne() {
    Pending pending = new Pending(10);
    pending.add(entry("one", Map.of()));
    pending.close();
    assertThat(pending.add(entry("two", Map.of()))).isZero();
    assertThat(records(pending.take())).isEqualTo(1);
  }
}

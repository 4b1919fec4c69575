// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private final BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
  private final Gathering<Integer> gathering = new Gathering<>(queue, 10);
  private final List<Integer> batch = new ArrayList<>();

  /** What is written next, when two wait already after so many were answered. */
  private List<Integer> gathered(long nanos, int answers, Integer... later)
      throws InterruptedException {
    queue.addAll(List.of(1, 2));
    gathering.wrote(nanos, answers);
    queue.drainTo(batch);
    queue.addAll(List.of(later));
    gathering.addTo(batch);
    return batch;
  }

  @Test
  void takesAllWhoAreKnownToAskInTheirOrder() throws InterruptedException {
    assertThat(gathered(TimeUnit.SECONDS.toNanos(1), 3, 3, 4, 5, 6)).containsExactly(1, 2, 3, 4, 5);
    assertThat(queue).containsExactly(6);
  }

  @Test
  void takesNoMoreThanAreWrittenAtOnce() throws InterruptedException {
    Integer[] many = IntStream.range(3, 50).boxed().toArray(Integer[]::new);
    assertThat(gathered(TimeUnit.SECONDS.toNanos(1), 100, many)).hasSize(10);
  }

  @Test
  void goesOnWhereNobodyComes() throws InterruptedException {
    assertThat(gathered(TimeUnit.SECONDS.toNanos(1), 3, 3)).containsExactly(1, 2, 3);
  }

  @Test
  void doesNotWaitBeforeTheFirstWrite() throws InterruptedException {
    queue.addAll(List.of(3, 4));
    gathering.addTo(batch);
    assertThat(queue).containsExactly(3, 4);
  }

  @Test
  void doesNotWaitWhereAWriteIsFast() throws InterruptedException {
    assertThat(gathered(TimeUnit.MICROSECONDS.toNanos(300), 3, 3, 4)).containsExactly(1, 2);
  }

  @Test
  void doesNotWaitForTheOnlyOne() throws InterruptedException {
    gathering.wrote(TimeUnit.SECONDS.toNanos(1), 1);
    batch.add(1);
    queue.add(2);
    gathering.addTo(batch);
    assertThat(queue).containsExactly(2);
  }
}

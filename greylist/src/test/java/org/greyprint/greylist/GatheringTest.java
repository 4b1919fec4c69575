// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private final BlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
  private final Gathering<Integer> gathering = new Gathering<>(queue, 10);
  private final List<Integer> batch = new ArrayList<>(List.of(1, 2));

  private List<Integer> gathered() throws InterruptedException {
    gathering.addTo(batch);
    return batch;
  }

  @Test
  void takesAsManyAsWereAnsweredInTheirOrder() throws InterruptedException {
    gathering.wrote(TimeUnit.SECONDS.toNanos(1), 3);
    queue.addAll(List.of(3, 4, 5, 6));
    assertThat(gathered()).containsExactly(1, 2, 3, 4, 5);
    assertThat(queue).containsExactly(6);
  }

  @Test
  void takesNoMoreThanAreWrittenAtOnce() throws InterruptedException {
    gathering.wrote(TimeUnit.SECONDS.toNanos(1), 100);
    for (int i = 3; i < 50; i++) {
      queue.add(i);
    }
    assertThat(gathered()).hasSize(10);
  }

  @Test
  void goesOnWhereNobodyComes() throws InterruptedException {
    gathering.wrote(TimeUnit.SECONDS.toNanos(1), 3);
    queue.add(3);
    assertThat(gathered()).containsExactly(1, 2, 3);
  }

  @Test
  void doesNotWaitWhereAWriteIsFastNorForTheOnlyOne() throws InterruptedException {
    queue.addAll(List.of(3, 4));
    assertThat(gathered()).as("before the first write").containsExactly(1, 2);
    gathering.wrote(TimeUnit.MILLISECONDS.toNanos(1), 3);
    assertThat(gathered()).as("fast").containsExactly(1, 2);
    gathering.wrote(TimeUnit.SECONDS.toNanos(1), 1);
    batch.remove(1);
    assertThat(gathered()).as("alone").containsExactly(1);
  }
}

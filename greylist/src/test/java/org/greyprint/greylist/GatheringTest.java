// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is written together. No test waits longer than a few milliseconds where it works. */
@Timeout(30)
class GatheringTest {
  private static final long SLOW = TimeUnit.SECONDS.toNanos(2);
  private static final long FAST = TimeUnit.MICROSECONDS.toNanos(300);

  private final Gathering<Integer> gathering = new Gathering<>(100, 10);

  private void add(int from, int to) {
    for (int i = from; i <= to; i++) {
      assertThat(gathering.offer(i)).isTrue();
    }
  }

  private List<Integer> taken() throws InterruptedException {
    List<Integer> batch = new ArrayList<>();
    gathering.take(batch, 1, TimeUnit.MILLISECONDS);
    return batch;
  }

  /** Adds from another thread once the taker waits for more. */
  private List<Integer> takenWhile(int from, int to) throws Exception {
    Thread taker = Thread.currentThread();
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              while (taker.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
              }
              add(from, to);
            });
    List<Integer> batch = taken();
    other.join();
    return batch;
  }

  @Test
  void takesAllWhoWaitInTheirOrder() throws InterruptedException {
    add(1, 3);
    assertThat(taken()).containsExactly(1, 2, 3);
    assertThat(taken()).isEmpty();
  }

  @Test
  void waitsForAllWhoAreKnownToAskWhereAWriteIsSlow() throws Exception {
    add(1, 2);
    gathering.wrote(SLOW, 3);
    assertThat(takenWhile(3, 5)).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void doesNotWaitForAThirdThatIsThereWhereAWriteIsFast() throws Exception {
    gathering.wrote(TimeUnit.MICROSECONDS.toNanos(499), 9);
    add(1, 3);
    assertThat(taken()).containsExactly(1, 2, 3);
    assertThat(gathering.isEmpty()).isTrue();
  }

  @Test
  void takesNoMoreThanAreWrittenAtOnce() throws InterruptedException {
    gathering.wrote(SLOW, 100);
    add(1, 50);
    assertThat(taken()).hasSize(10);
    assertThat(gathering.size()).isEqualTo(40);
  }

  @Test
  void goesOnWhereNobodyComes() throws InterruptedException {
    gathering.wrote(TimeUnit.MILLISECONDS.toNanos(2), 3);
    add(1, 1);
    assertThat(taken()).containsExactly(1);
    gathering.wrote(FAST, 8);
    add(1, 1);
    assertThat(taken()).containsExactly(1);
  }

  @Test
  void doesNotWaitBeforeTheFirstWriteNorForTheOnlyOne() throws InterruptedException {
    add(1, 1);
    assertThat(taken()).containsExactly(1);
    gathering.wrote(TimeUnit.HOURS.toNanos(1), 1);
    add(2, 2);
    assertThat(taken()).containsExactly(2);
  }

  @Test
  void aFullOneTakesNoMore() throws InterruptedException {
    add(1, 100);
    assertThat(gathering.offer(101)).isFalse();
    assertThat(gathering.remove(50)).isTrue();
    assertThat(gathering.offer(101)).isTrue();
  }

  /** Whatever the writes take, each is taken once, and in its thread's order. */
  @Test
  void nothingIsLostBetweenThreads() throws Exception {
    Gathering<Integer> shared = new Gathering<>(50, 16);
    int each = 20_000;
    List<Thread> askers = new ArrayList<>();
    for (int asker = 0; asker < 3; asker++) {
      int base = asker * each;
      askers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < each; i++) {
                  while (!shared.offer(base + i)) {
                    Thread.onSpinWait();
                  }
                }
              }));
    }
    int[] next = {0, each, 2 * each};
    List<Integer> batch = new ArrayList<>();
    long[] nanos = {0, 20_000, 1_000_000};
    for (int all = 0, turn = 0; all < 3 * each; turn++) {
      batch.clear();
      shared.take(batch, 1, TimeUnit.SECONDS);
      for (int item : batch) {
        assertThat(item).isEqualTo(next[item / each]++);
      }
      all += batch.size();
      assertThat(batch.size()).isLessThanOrEqualTo(16);
      shared.wrote(nanos[turn % 3], batch.size());
    }
    for (Thread asker : askers) {
      asker.join();
    }
    assertThat(shared.isEmpty()).isTrue();
  }
}

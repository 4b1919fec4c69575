// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is written together. No test waits longer than a few milliseconds where it works. */
@Timeout(30)
class GatheringTest {
  private static final long SLOW = TimeUnit.SECONDS.toNanos(2);
  private static final long FAST = TimeUnit.MICROSECONDS.toNanos(300);

  private final Time time = new Time();
  private final Gathering<Integer> gathering = new Gathering<>(100, 10, time);

  /** A clock that goes on only while the taker rests; whoever is due comes then, and wakes it. */
  private static final class Time implements Gathering.Parking {
    private final TreeMap<Long, Runnable> due = new TreeMap<>();
    private long now;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public void park(long nanos) {
      assertThat(nanos).isPositive();
      Map.Entry<Long, Runnable> next = due.firstEntry();
      if (next != null && next.getKey() <= now + nanos) {
        now = Math.max(now, next.getKey());
        due.pollFirstEntry().getValue().run();
      } else {
        now += nanos;
      }
    }

    void at(long micros, Runnable comes) {
      due.put(TimeUnit.MICROSECONDS.toNanos(micros), comes);
    }

    long micros() {
      return TimeUnit.NANOSECONDS.toMicros(now);
    }
  }

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
    time.at(100, () -> add(3, 3));
    time.at(900, () -> add(4, 5));
    assertThat(taken()).containsExactly(1, 2, 3, 4, 5);
    assertThat(time.micros()).isEqualTo(900);
  }

  @Test
  void doesNotWaitLongerThanAGapForTheNextWhereAWriteIsSlow() throws Exception {
    add(1, 2);
    gathering.wrote(TimeUnit.MILLISECONDS.toNanos(1), 3);
    time.at(200, () -> add(3, 3));
    time.at(451, () -> add(4, 5));
    assertThat(taken()).containsExactly(1, 2, 3);
    assertThat(time.micros()).isEqualTo(450);
  }

  @Test
  void doesNotWaitLongerThanHalfAWriteWhereAWriteIsSlow() throws Exception {
    add(1, 1);
    gathering.wrote(TimeUnit.MILLISECONDS.toNanos(4), 9);
    for (int i = 2; i <= 9; i++) {
      int next = i;
      time.at(390L * (i - 1), () -> add(next, next));
    }
    assertThat(taken()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(time.micros()).isEqualTo(2000);
  }

  @Test
  void waitsForAThirdOfThemWhereAWriteIsFast() throws Exception {
    gathering.wrote(FAST, 9);
    add(1, 1);
    time.at(100, () -> add(2, 2));
    time.at(200, () -> add(3, 4));
    assertThat(taken()).containsExactly(1, 2, 3, 4);
    assertThat(time.micros()).isEqualTo(200);
  }

  @Test
  void waitsNoLongerThanAWriteWhereAWriteIsFast() throws Exception {
    gathering.wrote(FAST, 9);
    add(1, 1);
    time.at(301, () -> add(2, 9));
    assertThat(taken()).containsExactly(1);
    assertThat(time.micros()).isEqualTo(300);
  }

  @Test
  void doesNotWaitForAThirdThatIsThereWhereAWriteIsFast() throws Exception {
    gathering.wrote(TimeUnit.MICROSECONDS.toNanos(499), 9);
    add(1, 3);
    assertThat(taken()).containsExactly(1, 2, 3);
    assertThat(gathering.isEmpty()).isTrue();
    assertThat(time.micros()).isZero();
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

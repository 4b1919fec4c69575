// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.greyprint.greylist.Store.Swept;

/**
 * The background work: drops what has expired, a few records at a time so that no answer waits for
 * it, and keeps the lists in memory up to date.
 */
final class Sweeper implements AutoCloseable {
  /** Between two steps: together at most 2,000 records a second, a million in 9 minutes. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final int STEP = 500;

  /** How often the lists are looked at, in steps. */
  private static final int LISTS = 4;

  private final Store store;
  private final InstantSource clock;
  private final Lists lists;
  private final GreylistCounters counters;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread;

  Sweeper(Store store, InstantSource clock, Lists lists, GreylistCounters counters) {
    this.store = store;
    this.clock = clock;
    this.lists = lists;
    this.counters = counters;
    this.thread = Thread.ofPlatform().name("greylist-sweep").daemon().unstarted(this::run);
  }

  void begin() {
    lists.refresh();
    thread.start();
  }

  private void run() {
    try {
      for (long step = 1; !end.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS); step++) {
        sweep();
        if (step % LISTS == 0) {
          lists.refresh();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One step; trouble of the store ends it, and the next one tries again. */
  void sweep() {
    try {
      Swept swept = store.sweep(clock.instant(), STEP).toCompletableFuture().join();
      counters.expired.add(swept.removed());
      if (swept.round()) {
        counters.sweeps.increment();
      }
    } catch (RuntimeException e) {
      counters.sweepFailures.increment();
    }
  }

  static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  @Override
  public void close() {
    end.countDown();
    thread.interrupt();
  }
}

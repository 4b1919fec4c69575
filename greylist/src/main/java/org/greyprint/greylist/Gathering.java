// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Makes one write of what would be two, where a write is slow (group commit with a delay): those
 * who were just answered often ask again at once, as busy MTAs do, and would all miss the write
 * that begins meanwhile. For one thread.
 */
final class Gathering<T> {
  /**
   * Where a write takes less, two groups that take turns lose less than one that waits for its last
   * member: answering 32 and hearing from them again takes nearly so long.
   */
  private static final long WORTHWHILE_NANOS = 1_000_000;

  private static final long MOST_NANOS = 5_000_000;

  private final BlockingQueue<T> queue;
  private final int most;
  private long writeNanos;
  private int expected;

  /**
   * @param most so many are written at once at most
   */
  Gathering(BlockingQueue<T> queue, int most) {
    this.queue = queue;
    this.most = most;
  }

  /**
   * Is told of each batch, before anything is taken from the queue again: how long its write took
   * (0 for none), and how many it answered. They and those who wait already are all who are known
   * to ask.
   */
  void wrote(long nanos, int answers) {
    writeNanos = nanos;
    expected = Math.min(answers + queue.size(), most);
  }

  /**
   * Adds to a batch what comes now. Ends as soon as all who are known to ask have come, or none for
   * a tenth of the time that a write takes; does not wait where a write is fast, nor for the only
   * one who asks.
   *
   * @param batch what waited already
   */
  void addTo(List<T> batch) throws InterruptedException {
    if (writeNanos < WORTHWHILE_NANOS || expected < 2) {
      return;
    }
    long gap = writeNanos / 10;
    long end = System.nanoTime() + Math.min(writeNanos / 2, MOST_NANOS);
    while (batch.size() < expected) {
      long patience = Math.min(end - System.nanoTime(), gap);
      T next = patience <= 0 ? null : queue.poll(patience, TimeUnit.NANOSECONDS);
      if (next == null) {
        return;
      }
      batch.add(next);
      queue.drainTo(batch, expected - batch.size());
    }
  }
}

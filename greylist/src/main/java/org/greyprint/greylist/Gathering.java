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
  /** Where a write takes less, nobody gains by waiting for others to share it. */
  private static final long WORTHWHILE_NANOS = 3_000_000;

  private static final long MOST_NANOS = 5_000_000;

  private final BlockingQueue<T> queue;
  private final int most;
  private long writeNanos;
  private int answered;

  /**
   * @param most so many are written at once at most
   */
  Gathering(BlockingQueue<T> queue, int most) {
    this.queue = queue;
    this.most = most;
  }

  /** Is told of each batch: how long its write took (0 for none), and how many it answered. */
  void wrote(long nanos, int answers) {
    writeNanos = nanos;
    answered = answers;
  }

  /**
   * Adds to a batch what comes now. Ends as soon as as many have come as were just answered, or
   * none for a tenth of the time that a write takes; does not wait where a write is fast, nor for
   * the only one who asks.
   *
   * @param batch what waited already
   */
  void addTo(List<T> batch) throws InterruptedException {
    if (writeNanos < WORTHWHILE_NANOS || answered + batch.size() < 3) {
      return;
    }
    int expected = Math.min(batch.size() + answered, most);
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

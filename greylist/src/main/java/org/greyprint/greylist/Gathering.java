// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A queue that makes one write of what would be several (group commit with a delay): those who were
 * just answered often ask again at once, as busy MTAs do, and would all miss the write that begins
 * meanwhile. Any thread may add; one takes.
 *
 * <p>Where a write is slow, it waits for all who are known to ask. Where it is fast, for a third of
 * them, so that there are always some to be read, to be written and to be answered: a write for
 * each few costs processor time, and one for all leaves the processor with nothing to do.
 */
final class Gathering<T> {
  /** A write that takes this long is slow: about as long as it takes to hear from all again. */
  private static final long SLOW_NANOS = 500_000;

  private static final long LEAST_NANOS = 1_000_000;
  private static final long MOST_NANOS = 5_000_000;

  /** When nobody has come for so long at least, no more are waited for. */
  private static final long GAP_NANOS = 250_000;

  private final BlockingQueue<T> queue;
  private final int most;
  private final Parking parking;
  private long writeNanos;
  private int expected;

  /** Who waits until there are {@link #wanted}. */
  private volatile @Nullable Thread taker;

  private volatile int wanted = Integer.MAX_VALUE;

  /** The clock, and how the taker rests until others have come. */
  interface Parking {
    Parking REAL =
        new Parking() {
          @Override
          public long nanoTime() {
            return System.nanoTime();
          }

          @Override
          public void park(long nanos) {
            LockSupport.parkNanos(nanos);
          }
        };

    /** As {@link System#nanoTime}. */
    long nanoTime();

    /** As {@link LockSupport#parkNanos(long)}: may return early. */
    void park(long nanos);
  }

  /**
   * @param capacity so many can wait
   * @param most so many are written at once at most
   */
  Gathering(int capacity, int most) {
    this(capacity, most, Parking.REAL);
  }

  Gathering(int capacity, int most, Parking parking) {
    this.queue = new LinkedBlockingQueue<>(capacity);
    this.most = most;
    this.parking = parking;
  }

  /** Adds one; false if too many wait already. */
  boolean offer(T item) {
    if (!queue.offer(item)) {
      return false;
    }
    // To be woken for each would cost the taker more than it saves.
    if (queue.size() >= wanted) {
      LockSupport.unpark(taker);
    }
    return true;
  }

  /** Takes one back that was not yet taken. */
  boolean remove(T item) {
    return queue.remove(item);
  }

  int size() {
    return queue.size();
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Takes all there are. */
  void drainTo(List<T> batch) {
    queue.drainTo(batch);
  }

  /**
   * Is told of each batch before the next is taken: how long its write took (0 for none), and how
   * many it answers. They and those who wait already are all who are known to ask.
   */
  void wrote(long nanos, int answers) {
    writeNanos = nanos;
    expected = Math.min(answers + queue.size(), most);
  }

  /**
   * Takes the next batch.
   *
   * @param batch gets it; it stays empty if none comes within the patience
   */
  void take(List<T> batch, long patience, TimeUnit unit) throws InterruptedException {
    T first = queue.poll(patience, unit);
    if (first == null) {
      return;
    }
    batch.add(first);
    boolean slow = writeNanos >= SLOW_NANOS;
    int enough = slow ? expected : expected / 3;
    if (writeNanos > 0) {
      long longest = slow ? Math.clamp(writeNanos / 2, LEAST_NANOS, MOST_NANOS) : writeNanos;
      await(enough - 1, longest, slow ? Math.max(writeNanos / 10, GAP_NANOS) : longest);
    }
    queue.drainTo(batch, most - 1);
  }

  /** Waits until so many wait; no longer than that, and no longer than a gap for one more. */
  private void await(int enough, long longest, long gap) throws InterruptedException {
    long end = parking.nanoTime() + longest;
    taker = Thread.currentThread();
    int before = queue.size();
    long gapEnd = parking.nanoTime() + gap;
    while (before < enough) {
      wanted = enough;
      long left = Math.min(end, gapEnd) - parking.nanoTime();
      if (queue.size() < enough && left > 0) {
        parking.park(left);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      int now = queue.size();
      long time = parking.nanoTime();
      if (end - time <= 0 || now == before && gapEnd - time <= 0) {
        break;
      }
      if (now > before) {
        before = now;
        gapEnd = time + gap;
      }
    }
    wanted = Integer.MAX_VALUE;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Short names of decisions: unique within a daemon and over its restarts, rising with time, so that
 * the journal finds the segment a name is in.
 */
public final class DecisionIds {
  /** Milliseconds from 1970 to 2025, where the numbering begins. */
  private static final long EPOCH = 1_735_689_600_000L;

  /** Names within one millisecond; more of them run ahead of the clock. */
  private static final int BITS = 6;

  private final InstantSource clock;
  private final AtomicLong last = new AtomicLong();

  DecisionIds(InstantSource clock) {
    this.clock = clock;
  }

  /** The next name, eight or nine characters of [0-9a-z]. */
  String next() {
    long now = Math.max(0, clock.millis() - EPOCH) << BITS;
    return Long.toString(last.accumulateAndGet(now, (before, n) -> Math.max(before + 1, n)), 36);
  }

  /**
   * When a name was given, in milliseconds since 1970; within some milliseconds unless more than
   * 64,000 decisions a second were made or the clock was set back.
   *
   * @return -1 if it is no such name
   */
  public static long millis(String id) {
    try {
      long value = Long.parseLong(id, 36);
      return value < 0 ? -1 : (value >> BITS) + EPOCH;
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}

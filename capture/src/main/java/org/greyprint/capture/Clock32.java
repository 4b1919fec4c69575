// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

/**
 * The rate of a TCP timestamp clock (RFC 7323), from two readings of it.
 *
 * <p>Real clocks tick 1 to 1000 times a second in round steps; a rate beyond is no clock, but an
 * offset that was drawn anew for the connection.
 */
final class Clock32 {
  private static final long MIN_MILLIS = 25;
  private static final long MAX_MILLIS = 600_000;
  private static final int MIN_TICKS = 5;
  private static final double MIN_RATE = 0.7;
  private static final double MAX_RATE = 1500;

  /** The readings are too near or too far apart to tell. */
  static final int UNDECIDED = 0;

  /** No clock runs like this. */
  static final int NO_CLOCK = -1;

  private Clock32() {}

  /**
   * Ticks a second, rounded to a step that real clocks use, or {@link #UNDECIDED} or {@link
   * #NO_CLOCK}.
   *
   * @param millis between the readings
   */
  static int rate(int before, int after, long millis) {
    int ticks = after - before;
    if (ticks < 0) {
      return NO_CLOCK;
    }
    if (millis < MIN_MILLIS) {
      return ticks > MAX_RATE * MIN_MILLIS / 1000 + MIN_TICKS ? NO_CLOCK : UNDECIDED;
    }
    if (millis > MAX_MILLIS || ticks < MIN_TICKS) {
      return UNDECIDED;
    }
    double raw = ticks * 1000.0 / millis;
    if (raw < MIN_RATE || raw > MAX_RATE) {
      return NO_CLOCK;
    }
    int rate = (int) raw;
    if (rate == 0) {
      return 1;
    }
    if (rate <= 10) {
      return rate;
    }
    if (rate <= 50) {
      return (rate + 3) / 5 * 5;
    }
    if (rate <= 100) {
      return (rate + 7) / 10 * 10;
    }
    if (rate <= 500) {
      return (rate + 33) / 50 * 50;
    }
    return (rate + 67) / 100 * 100;
  }

  /** After how many days a clock of this rate begins anew. */
  static int wrapDays(int rate) {
    return (int) ((1L << 32) / (rate * 86_400L));
  }
}

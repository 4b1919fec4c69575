// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a journal is kept.
 *
 * @param directory where; made if it is not there
 * @param maxAge older segments are removed; at least a minute
 * @param maxBytes the oldest segments are removed above this; at least two segments
 * @param segmentBytes a segment is closed above this; from 64 KiB to 1 GiB
 * @param queue decisions that may wait to be written; more are dropped and counted; at least 1
 * @param flush how long until what was written is safe even if the machine fails; at least 1 ms
 */
public record JournalSettings(
    Path directory, Duration maxAge, long maxBytes, int segmentBytes, int queue, Duration flush) {
  public JournalSettings {
    check(maxAge.compareTo(Duration.ofMinutes(1)) >= 0, "max-age is below a minute");
    check(segmentBytes >= 1 << 16 && segmentBytes <= 1 << 30, "segment is not 64 KiB to 1 GiB");
    check(maxBytes >= 2L * segmentBytes, "max-size is below two segments");
    check(queue >= 1, "queue is below 1");
    check(flush.toMillis() >= 1, "flush is below 1 ms");
  }

  /** The defaults: 30 days, 1 GiB in segments of 16 MiB, 16,384 waiting, flushed each second. */
  public static JournalSettings in(Path directory) {
    return new JournalSettings(
        directory, Duration.ofDays(30), 1L << 30, 1 << 24, 1 << 14, Duration.ofSeconds(1));
  }

  /** The same with other bounds. */
  public JournalSettings keeping(Duration age, long bytes) {
    int segment = (int) Math.max(1 << 16, Math.min(segmentBytes, bytes / 8));
    return new JournalSettings(directory, age, bytes, segment, queue, flush);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException("journal: " + message);
    }
  }
}

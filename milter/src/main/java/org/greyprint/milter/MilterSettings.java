// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.time.Duration;

/**
 * A server's limits.
 *
 * @param deadline how long a handler may take for an answer before "continue" is sent for it; MTAs
 *     wait 10 s (Sendmail) or 30 s (Postfix)
 * @param idle how long a connection may be silent; MTAs keep one as long as the SMTP session lasts
 * @param maxFrame octets of the largest frame, the command byte included
 * @param maxSessions connections at one time; a further one is closed at once
 * @param threads of the event loop
 */
public record MilterSettings(
    Duration deadline, Duration idle, int maxFrame, int maxSessions, int threads) {
  /** 5 s, 1 h, 1 MiB and a byte, 5,000 sessions, one thread for two cores, up to four. */
  public static final MilterSettings DEFAULT =
      new MilterSettings(
          Duration.ofSeconds(5),
          Duration.ofHours(1),
          (1 << 20) + 1,
          5_000,
          Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4));

  /**
   * @throws IllegalArgumentException if a limit leaves nothing to work with
   */
  public MilterSettings {
    if (deadline.isNegative() || deadline.isZero() || idle.isNegative() || idle.isZero()) {
      throw new IllegalArgumentException("deadline and idle must be above zero");
    }
    if (maxFrame < 1024 || maxSessions < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "maxFrame must be at least 1024, maxSessions and threads at least 1");
    }
  }
}

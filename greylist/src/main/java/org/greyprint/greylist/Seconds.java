// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Instant;

/** Times of expiry as they are stored: whole seconds since 1970 in 32 bits, rounded up. */
final class Seconds {
  private static final long LAST = 0xFFFF_FFFFL;

  private Seconds() {}

  static int of(Instant time) {
    long up = time.getEpochSecond() + (time.getNano() > 0 ? 1 : 0);
    return (int) Math.clamp(up, 0L, LAST);
  }

  static Instant time(int seconds) {
    return Instant.ofEpochSecond(seconds & LAST);
  }

  static Instant whole(Instant time) {
    return time(of(time));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Words in arrays of octets, and the search for a line's end by eight octets at a time. */
final class Octets {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final long LINE_FEEDS = LOW * '\n';

  private Octets() {}

  static long longAt(byte[] b, int at) {
    return (long) LONG.get(b, at);
  }

  static void putLong(byte[] b, int at, long value) {
    LONG.set(b, at, value);
  }

  /** The first line feed in a range, or -1. */
  static int lineFeed(byte[] b, int from, int to) {
    int i = from;
    for (int limit = to - 8; i <= limit; i += 8) {
      // An octet that was a line feed is 0 now, and only the lowest 0 is told for sure by this sum.
      long word = (long) LONG.get(b, i) ^ LINE_FEEDS;
      long zeros = (word - LOW) & ~word & HIGH;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (b[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /** The last line feed in a range, or -1. */
  static int lastLineFeed(byte[] b, int from, int to) {
    for (int i = to - 1; i >= from; i--) {
      if (b[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}

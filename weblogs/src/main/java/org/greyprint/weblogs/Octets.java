// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Words in arrays of octets, and the search for a line's end by many octets at a time. */
final class Octets {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final long BIT_6 = LOW << 6;
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
    // Most octets are printable, with bit 5 or 6 set; a line feed has neither.
    for (int limit = to - 32; i <= limit; i += 32) {
      long a = (long) LONG.get(b, i);
      long c = (long) LONG.get(b, i + 8);
      long d = (long) LONG.get(b, i + 16);
      long e = (long) LONG.get(b, i + 24);
      if (((a | a << 1) & (c | c << 1) & (d | d << 1) & (e | e << 1) & BIT_6) != BIT_6) {
        break;
      }
    }
    for (int limit = to - 8; i <= limit; i += 8) {
      long zeros = lineFeeds((long) LONG.get(b, i));
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

  /** Not 0 if there is a line feed in a word; then the lowest bit that is set tells the first. */
  private static long lineFeeds(long octets) {
    // An octet that was a line feed is 0 now, and only the lowest 0 is told for sure by this sum.
    long word = octets ^ LINE_FEEDS;
    return (word - LOW) & ~word & HIGH;
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

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.util.Arrays;

/**
 * Where the lines of a sorted part of one file are, in their order: three octets for most of them.
 *
 * <p>An entry is an octet of flags, then what the flags say: bits 0 and 1 tell the instant (0: the
 * seconds since the entry before are bits 3 to 7; 1: they are a number that follows; 2: the instant
 * follows as it is), bit 2 that the lines do not follow on those of the entry before (the distance
 * is a number that follows). Then the length, a number. Numbers are of seven bits an octet, lowest
 * first, signed ones folded.
 */
final class LineIndex {
  private static final long SECOND = 1_000_000_000L;

  /** No entry is longer: flags, instant, distance and length. */
  private static final int MOST = 1 + 10 + 10 + 5;

  private final Spool spool;
  private byte[] block = new byte[Spool.BLOCK];
  private int filled;
  private long[] places = new long[8];
  private int[] lengths = new int[8];
  private int blocks;
  private long entries;

  // The entry before, while writing.
  private long lastInstant;
  private long lastEnd;

  LineIndex(Spool spool) {
    this.spool = spool;
  }

  long entries() {
    return entries;
  }

  void add(long instant, long offset, int length) throws IOException {
    if (filled + MOST > block.length) {
      store();
    }
    int flagsAt = filled++;
    int flags;
    long delta = instant - lastInstant;
    long seconds = delta / SECOND;
    if (entries == 0 || delta < 0 || seconds * SECOND != delta) {
      flags = 2;
      Octets.putLong(block, filled, instant);
      filled += 8;
    } else if (seconds < 32) {
      flags = (int) seconds << 3;
    } else {
      flags = 1;
      number(seconds);
    }
    long jump = offset - lastEnd;
    if (jump != 0) {
      flags |= 4;
      number(jump << 1 ^ jump >> 63);
    }
    block[flagsAt] = (byte) flags;
    number(length);
    lastInstant = instant;
    lastEnd = offset + length;
    entries++;
  }

  private void number(long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      block[filled++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    block[filled++] = (byte) rest;
  }

  private void store() throws IOException {
    if (blocks == places.length) {
      places = Arrays.copyOf(places, blocks * 2);
      lengths = Arrays.copyOf(lengths, blocks * 2);
    }
    places[blocks] = spool.store(block, filled);
    lengths[blocks++] = filled;
    filled = 0;
  }

  /** Ends the writing. */
  void end() throws IOException {
    if (filled > 0) {
      store();
    }
    block = new byte[0];
  }

  /** Reads the entries from the first on, once they are all written. */
  Cursor cursor() {
    return new Cursor();
  }

  /** One reading. */
  final class Cursor {
    private final byte[] buffer = new byte[Spool.BLOCK];
    private int next;
    private int at;
    private int limit;
    private long left = entries;
    private long instant;
    private long end;
    private long offset;
    private int length;

    /** Goes to the next entry; false after the last one. */
    boolean next() throws IOException {
      if (left == 0) {
        return false;
      }
      left--;
      if (at == limit) {
        limit = lengths[next];
        spool.fetch(places[next++], buffer, limit);
        at = 0;
      }
      int flags = buffer[at++];
      switch (flags & 3) {
        case 0 -> instant += ((flags & 0xff) >>> 3) * SECOND;
        case 1 -> instant += number() * SECOND;
        default -> {
          instant = Octets.longAt(buffer, at);
          at += 8;
        }
      }
      offset = end;
      if ((flags & 4) != 0) {
        long folded = number();
        offset += folded >>> 1 ^ -(folded & 1);
      }
      length = (int) number();
      end = offset + length;
      return true;
    }

    private long number() {
      long value = 0;
      int shift = 0;
      byte octet;
      do {
        octet = buffer[at++];
        value |= (long) (octet & 0x7f) << shift;
        shift += 7;
      } while (octet < 0);
      return value;
    }

    long instant() {
      return instant;
    }

    long offset() {
      return offset;
    }

    int length() {
      return length;
    }
  }
}

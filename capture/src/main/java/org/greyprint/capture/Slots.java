// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Fixed-size records outside the heap, taken from the system piece by piece as they are first used.
 */
final class Slots {
  private static final int PIECE_BITS = 10;
  private static final int PIECE = 1 << PIECE_BITS;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final int size;
  private final MemorySegment[] pieces;

  /**
   * @param count how many records there may be
   * @param size octets of one, a multiple of 8
   */
  Slots(int count, int size) {
    this.size = size;
    this.pieces = new MemorySegment[count + PIECE - 1 >>> PIECE_BITS];
    java.util.Arrays.fill(pieces, MemorySegment.NULL);
  }

  /** The piece that holds a record; made if it was never used. */
  MemorySegment piece(int slot) {
    MemorySegment piece = pieces[slot >>> PIECE_BITS];
    if (piece.byteSize() == 0) {
      piece = Arena.ofAuto().allocate((long) PIECE * size, 64);
      pieces[slot >>> PIECE_BITS] = piece;
    }
    return piece;
  }

  /** Where in its piece a record begins. */
  long at(int slot) {
    return (long) (slot & PIECE - 1) * size;
  }

  static long getLong(MemorySegment piece, long at) {
    return piece.get(LONG, at);
  }

  static void putLong(MemorySegment piece, long at, long value) {
    piece.set(LONG, at, value);
  }

  static int getInt(MemorySegment piece, long at) {
    return piece.get(INT, at);
  }

  static void putInt(MemorySegment piece, long at, int value) {
    piece.set(INT, at, value);
  }

  /** Octets taken from the system so far. */
  long memory() {
    long sum = 0;
    for (MemorySegment piece : pieces) {
      sum += piece.byteSize();
    }
    return sum;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Memory outside of the Java heap that is taken by and by, in parts of 4 MiB at most: a part that
 * is taken is filled with zeros and so counts at once.
 */
final class Chunks implements Closeable {
  private static final int MOST_BITS = 22;
  private static final int LEAST_BITS = 17;

  private final int bits;
  private final long mask;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] chunks;
  private final ByteBuffer[] views;

  /**
   * @param octets the most it may take; at least one part
   */
  Chunks(long octets) {
    bits = Math.clamp(63 - Long.numberOfLeadingZeros(octets), LEAST_BITS, MOST_BITS);
    mask = (1L << bits) - 1;
    chunks = new MemorySegment[(int) Math.max(octets >>> bits, 1)];
    views = new ByteBuffer[chunks.length];
  }

  long size() {
    return (long) chunks.length << bits;
  }

  /** The part that an address is in. */
  MemorySegment part(long address) {
    int number = (int) (address >>> bits);
    MemorySegment part = chunks[number];
    if (part == null) {
      part = arena.allocate(mask + 1, 64);
      chunks[number] = part;
    }
    return part;
  }

  /** The same part, as a buffer. */
  ByteBuffer view(long address) {
    int number = (int) (address >>> bits);
    ByteBuffer view = views[number];
    if (view == null) {
      view = part(address).asByteBuffer();
      views[number] = view;
    }
    return view;
  }

  /** Where in its part an address is. */
  long within(long address) {
    return address & mask;
  }

  /** The first address from this one on from which so many octets are in one part. */
  long fit(long address, long octets) {
    return within(address) + octets > mask + 1 ? (address | mask) + 1 : address;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Blocks of octets, in memory as long as there is room, then on disk. */
final class Spool implements Closeable {
  /** The most octets of a block. */
  static final int BLOCK = 1 << 15;

  private final Chunks memory;
  private final Spill spill;
  private long used;

  Spool(long octets, Path folder) {
    memory = new Chunks(octets);
    spill = new Spill(folder);
  }

  /** Stores a block; gives its place. */
  long store(byte[] block, int length) throws IOException {
    synchronized (this) {
      long at = memory.fit(used, length);
      if (at + length <= memory.size()) {
        used = at + length;
        MemorySegment.copy(
            block, 0, memory.part(at), ValueLayout.JAVA_BYTE, memory.within(at), length);
        return at;
      }
    }
    return memory.size() + spill.append(ByteBuffer.wrap(block, 0, length));
  }

  /** Fetches a block. */
  void fetch(long place, byte[] block, int length) throws IOException {
    if (place < memory.size()) {
      MemorySegment.copy(
          memory.part(place), ValueLayout.JAVA_BYTE, memory.within(place), block, 0, length);
    } else {
      spill.read(place - memory.size(), ByteBuffer.wrap(block, 0, length));
    }
  }

  @Override
  public void close() throws IOException {
    memory.close();
    spill.close();
  }
}

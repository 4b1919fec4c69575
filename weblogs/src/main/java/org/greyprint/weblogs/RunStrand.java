// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A sorted run on disk. */
final class RunStrand extends Strand {
  private final Spill spill;
  private final long end;
  private long read;
  private final ByteBuffer view;
  private long at;
  private long limit;

  /**
   * @param bufferSize at least a header and a piece of {@link LineSink#LONGEST}
   */
  RunStrand(Pool.Run run, Arena arena, int bufferSize) {
    spill = run.spill();
    read = run.from();
    end = run.to();
    data = arena.allocate(bufferSize, 8);
    view = data.asByteBuffer();
  }

  @Override
  boolean next() throws IOException {
    at = offset + length;
    if (limit - at < Pool.HEADER) {
      fill();
      if (limit == 0) {
        return false;
      }
    }
    if (limit - at - Pool.HEADER < data.get(Pool.INT, at + 12)) {
      fill();
    }
    instant = data.get(Pool.LONG, at);
    source = data.get(Pool.INT, at + 8);
    length = data.get(Pool.INT, at + 12);
    position = data.get(Pool.LONG, at + 16);
    offset = at + Pool.HEADER;
    return true;
  }

  private void fill() throws IOException {
    int kept = (int) (limit - at);
    MemorySegment.copy(data, at, data, 0, kept);
    int wanted = (int) Math.min(view.capacity() - kept, end - read);
    spill.read(read, view.clear().position(kept).limit(kept + wanted));
    read += wanted;
    at = 0;
    limit = kept + wanted;
  }
}

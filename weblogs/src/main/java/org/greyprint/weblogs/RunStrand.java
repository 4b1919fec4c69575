// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;

/** A sorted run on disk. */
final class RunStrand extends Strand {
  private final Spill spill;
  private final long end;
  private long read;
  private int at;
  private int limit;

  /**
   * @param bufferSize at least a header and a piece of {@link LineSink#LONGEST}
   */
  RunStrand(Pool.Run run, Arena arena, int bufferSize) {
    spill = run.spill();
    read = run.from();
    end = run.to();
    data = arena.allocate(bufferSize, 8).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
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
    if (limit - at - Pool.HEADER < data.getInt(at + 12)) {
      fill();
    }
    instant = data.getLong(at);
    source = data.getInt(at + 8);
    length = data.getInt(at + 12);
    position = data.getLong(at + 16);
    offset = at + Pool.HEADER;
    return true;
  }

  private void fill() throws IOException {
    int kept = limit - at;
    data.clear().put(0, data, at, kept);
    int wanted = (int) Math.min(data.capacity() - kept, end - read);
    spill.read(read, data.position(kept).limit(kept + wanted));
    read += wanted;
    at = 0;
    limit = kept + wanted;
  }
}

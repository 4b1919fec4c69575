// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;

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
  RunStrand(Pool.Run run, int bufferSize) {
    spill = run.spill();
    read = run.from();
    end = run.to();
    data = new byte[bufferSize];
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
    if (limit - at - Pool.HEADER < Octets.intAt(data, at + 12)) {
      fill();
    }
    instant = Octets.longAt(data, at);
    source = Octets.intAt(data, at + 8);
    length = Octets.intAt(data, at + 12);
    position = Octets.longAt(data, at + 16);
    offset = at + Pool.HEADER;
    return true;
  }

  private void fill() throws IOException {
    int kept = limit - at;
    System.arraycopy(data, at, data, 0, kept);
    int wanted = (int) Math.min(data.length - kept, end - read);
    spill.read(read, data, kept, wanted);
    read += wanted;
    at = 0;
    limit = kept + wanted;
  }
}

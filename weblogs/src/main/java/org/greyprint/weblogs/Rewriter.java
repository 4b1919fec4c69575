// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import org.greyprint.weblogs.stamp.Stamps;

/** Writes the stamps of lines anew, all with one offset. */
final class Rewriter implements LineSink {
  private final LineSink next;
  private final int offset;
  private final Stamps[] stamps;
  private final boolean[] continued;
  private byte[] line = new byte[2 * LineSink.LONGEST];

  /**
   * @param stamps one a source
   * @param offset seconds east of Greenwich
   */
  Rewriter(LineSink next, Stamps[] stamps, int offset) {
    this.next = next;
    this.stamps = stamps;
    this.offset = offset;
    continued = new boolean[stamps.length];
  }

  @Override
  public void line(long instant, int source, byte[] buffer, int from, int length)
      throws IOException {
    boolean piece = continued[source];
    continued[source] = buffer[from + length - 1] != '\n';
    Stamps finder = stamps[source];
    if (piece
        || instant == Stamps.NONE
        || finder.find(buffer, from, from + length) == Stamps.NONE) {
      next.line(instant, source, buffer, from, length);
      return;
    }
    int before = finder.start() - from;
    int room = length + finder.longest();
    if (room > line.length) {
      line = new byte[room];
    }
    System.arraycopy(buffer, from, line, 0, before);
    int after = finder.write(instant, offset, buffer, line, before);
    int rest = from + length - finder.end();
    System.arraycopy(buffer, finder.end(), line, after, rest);
    next.line(instant, source, line, 0, after + rest);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;

/** Takes the lines of a merge, in order, on one thread. */
@FunctionalInterface
public interface LineSink {
  /** Lines longer than this come in pieces, of which only the last one ends with a line feed. */
  int LONGEST = 1 << 16;

  /**
   * One line with its line feed, which is added where a source ends without.
   *
   * @param instant nanoseconds since 1970 of the line, or of the last dated line before it in its
   *     source; {@link org.greyprint.weblogs.stamp.Stamps#NONE} where there was none
   * @param source which of the sources it is of, from 0 on
   * @param buffer holds the line; is used anew after the call
   */
  void line(long instant, int source, byte[] buffer, int offset, int length) throws IOException;
}

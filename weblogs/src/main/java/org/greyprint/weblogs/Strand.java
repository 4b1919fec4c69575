// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Lines in order, a few of one source and one instant at a time. */
abstract class Strand {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  long instant;
  int source;

  /** Where the lines begin in their source: tells apart lines of one instant and source. */
  long position;

  /** Holds the lines until {@link #next}. */
  ByteBuffer data = NOTHING;

  int offset;
  int length;

  /** Goes to the next lines; false after the last. */
  abstract boolean next() throws IOException;
}

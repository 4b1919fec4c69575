// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Lines that stayed in their file, in the order of an index. The file is read forward by large
 * steps; the few lines that are not where the reading is are fetched one by one.
 */
final class FileStrand extends Strand {
  /** So many single fetches one after the other mean that the reading has to go elsewhere. */
  private static final int MISSES = 8;

  private final FileChannel channel;
  private final LineIndex.Cursor cursor;
  private final String name;
  private final long end;
  private final boolean unterminated;
  private final ByteBuffer buffer;
  private final ByteBuffer single;
  private long from;
  private long to;
  private int misses;

  /**
   * @param end where the source ends
   * @param unterminated whether its last line lacks the line feed
   */
  FileStrand(
      int source,
      String name,
      FileChannel channel,
      LineIndex index,
      long end,
      boolean unterminated,
      Arena arena,
      int bufferSize) {
    this.source = source;
    this.name = name;
    this.channel = channel;
    this.cursor = index.cursor();
    this.end = end;
    this.unterminated = unterminated;
    buffer = arena.allocate(bufferSize + 1, 8).asByteBuffer();
    single = arena.allocate(LineSink.LONGEST + 1, 8).asByteBuffer();
  }

  @Override
  boolean next() throws IOException {
    if (!cursor.next()) {
      return false;
    }
    instant = cursor.instant();
    position = cursor.offset();
    length = cursor.length();
    if (position >= from && position + length <= to) {
      misses = 0;
      data = buffer;
      offset = (int) (position - from);
    } else if (position >= from && position <= to || ++misses > MISSES || to == 0) {
      misses = 0;
      forward();
      data = buffer;
      offset = (int) (position - from);
    } else {
      Content.readFully(channel, name, position, single.clear().limit(length));
      data = single;
      offset = 0;
    }
    if (unterminated && position + length == end) {
      // Nothing stands there: it is the end of the source, and the buffers have an octet to spare.
      data.clear().put(offset + length++, (byte) '\n');
    }
    return true;
  }

  /** Reads on from the line that is asked for, keeping what is there of it. */
  private void forward() throws IOException {
    int kept = 0;
    if (position >= from && position < to) {
      kept = (int) (to - position);
      buffer.clear().put(0, buffer, (int) (position - from), kept);
    }
    from = position;
    int wanted = (int) Math.min(buffer.capacity() - 1 - kept, end - position - kept);
    Content.readFully(
        channel, name, position + kept, buffer.clear().position(kept).limit(kept + wanted));
    buffer.clear();
    to = position + kept + wanted;
  }
}

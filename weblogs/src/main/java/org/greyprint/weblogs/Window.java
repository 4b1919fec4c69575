// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings the nearly sorted lines of one file into order, as an index, and tells which lines come
 * too late for that.
 *
 * <p>The window holds the last few thousand lines in order. When it is full the older half is
 * written to the index; a line that belongs before what was written is late. Where all lines are
 * late but in order among themselves (two logs in one file, a clock that was wrong for a while), a
 * new index is begun instead.
 */
final class Window {
  private static final int MOST_INDEXES = 12;

  private final Spool spool;
  private final List<LineIndex> indexes = new ArrayList<>();
  private LineIndex index;
  private final int size;
  private final long[] instants;
  private final long[] offsets;
  private final int[] lengths;
  private int count;

  /** The instant written last: what is before it is late. */
  private long written = Long.MIN_VALUE;

  // Late lines without a timely one between them, how many of those went backward, and the last.
  private int late;
  private int backward;
  private long lastLate;

  /**
   * @param size how many lines it holds
   */
  Window(Spool spool, int size) {
    this.spool = spool;
    this.size = size;
    instants = new long[size];
    offsets = new long[size];
    lengths = new int[size];
    index = new LineIndex(spool);
    indexes.add(index);
  }

  /**
   * Takes lines of one instant.
   *
   * @return false if they are late: they are not taken then
   */
  boolean add(long instant, long offset, int length) throws IOException {
    if (count == size) {
      write(size / 2);
    }
    if (instant < written) {
      if (!beginsAnew(instant)) {
        return false;
      }
    } else {
      late = 0;
      backward = 0;
    }
    int at = count;
    if (count > 0 && instant < instants[count - 1]) {
      at = after(instants, count, instant);
      int moved = count - at;
      System.arraycopy(instants, at, instants, at + 1, moved);
      System.arraycopy(offsets, at, offsets, at + 1, moved);
      System.arraycopy(lengths, at, lengths, at + 1, moved);
    }
    instants[at] = instant;
    offsets[at] = offset;
    lengths[at] = length;
    count++;
    return true;
  }

  private boolean beginsAnew(long instant) throws IOException {
    if (late > 0 && instant < lastLate) {
      backward++;
    }
    lastLate = instant;
    if (++late < size / 2 || indexes.size() == MOST_INDEXES) {
      return false;
    }
    boolean inOrder = backward * 10 < late;
    late = 0;
    backward = 0;
    if (inOrder) {
      write(count);
      index.end();
      index = new LineIndex(spool);
      indexes.add(index);
      written = Long.MIN_VALUE;
    }
    return inOrder;
  }

  /**
   * The first place with a later instant; the last one has one.
   *
   * @param instants in order, so many of them
   */
  static int after(long[] instants, int count, long instant) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (instants[middle] <= instant) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void write(int lines) throws IOException {
    for (int i = 0; i < lines; i++) {
      index.add(instants[i], offsets[i], lengths[i]);
    }
    if (lines > 0) {
      written = instants[lines - 1];
    }
    count -= lines;
    System.arraycopy(instants, lines, instants, 0, count);
    System.arraycopy(offsets, lines, offsets, 0, count);
    System.arraycopy(lengths, lines, lengths, 0, count);
  }

  /** Ends the file: what there is in order, in one or more indexes. */
  List<LineIndex> end() throws IOException {
    write(count);
    index.end();
    indexes.removeIf(written -> written.entries() == 0);
    return indexes;
  }
}

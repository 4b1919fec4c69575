// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.greyprint.greylist.StoreBatch.Key;

/**
 * How often a name was written since the store was opened, so that the writer sees whether what was
 * read before still holds. Names share a fixed number of counts: a count that has changed may be
 * another name's, one that is the same tells that none of its names was written.
 */
final class WriteCounts {
  /** So many that names that are asked about at the same time seldom share one. */
  private static final int COUNTS = 1 << 14;

  private final AtomicIntegerArray counts = new AtomicIntegerArray(COUNTS);

  private static int slot(Key key) {
    int hash = key.hashCode();
    hash ^= hash >>> 15;
    hash *= 0x2C1B3C6D;
    return (hash ^ hash >>> 13) & COUNTS - 1;
  }

  /** To be taken before the name is read. */
  int of(Key key) {
    return counts.get(slot(key));
  }

  /** To be told after the name was written. */
  void written(Key key) {
    counts.incrementAndGet(slot(key));
  }
}

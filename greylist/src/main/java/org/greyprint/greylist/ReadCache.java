// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.greyprint.greylist.Store.Value;
import org.greyprint.greylist.StoreBatch.Key;
import org.jspecify.annotations.Nullable;

/**
 * What was read or written last, also that there was nothing, so that the writer need not look up
 * again what the asker has just seen. A fixed number of slots; a name has one, and takes it from
 * the name that had it before.
 *
 * <p>It is never wrong: each slot has a count of writes. A reader notes the count before it asks
 * the files, and its finding is kept only if no write came between. By the same count the writer
 * sees whether what was read before still holds.
 */
final class ReadCache {
  /**
   * Enough for what is under way between asker and writer. More would live long enough to be moved
   * to where the collector seldom looks, at more than the cost of what they save.
   */
  private static final int SLOTS = 1 << 9;

  private static final int LOCKS = 1 << 6;

  /** Larger values are not kept. */
  private static final int LARGEST = 4096;

  private record Entry(Key key, Optional<Value> value) {}

  private final AtomicReferenceArray<@Nullable Entry> slots = new AtomicReferenceArray<>(SLOTS);
  private final AtomicIntegerArray writes = new AtomicIntegerArray(SLOTS);
  private final Object[] locks = new Object[LOCKS];

  ReadCache() {
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  private static int slot(Key key) {
    int hash = key.hashCode();
    hash ^= hash >>> 15;
    hash *= 0x2C1B3C6D;
    return (hash ^ hash >>> 13) & SLOTS - 1;
  }

  /** What is known of a name; empty if nothing is. */
  Optional<Optional<Value>> get(Key key) {
    Entry entry = slots.getAcquire(slot(key));
    return entry != null && entry.key().equals(key) ? Optional.of(entry.value()) : Optional.empty();
  }

  /**
   * To be taken before the value is looked for, here or in the files. While it stays the same, the
   * name was not written, as far as the caller knows that no write is under way.
   */
  int stamp(Key key) {
    return writes.get(slot(key));
  }

  /** Keeps what the files said, unless something was written since the stamp. */
  void found(Key key, Optional<Value> value, int stamp) {
    int slot = slot(key);
    synchronized (locks[slot & LOCKS - 1]) {
      if (writes.get(slot) == stamp) {
        keep(slot, key, value);
      }
    }
  }

  /** Keeps what has been written. */
  void written(Key key, Optional<Value> value) {
    int slot = slot(key);
    synchronized (locks[slot & LOCKS - 1]) {
      keep(slot, key, value);
      // Behind the value: who sees the new count sees no value from before.
      writes.incrementAndGet(slot);
    }
  }

  private void keep(int slot, Key key, Optional<Value> value) {
    boolean small = value.isEmpty() || value.get().bytes().length <= LARGEST;
    slots.setRelease(slot, small ? new Entry(key, value) : null);
  }
}

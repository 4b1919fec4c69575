// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

/**
 * Finds slots by a 32-bit hash: open addressing with linear probing; deletion moves later entries
 * back, so that no tombstones gather (Knuth, TAOCP 3, 6.4, algorithm R).
 *
 * <p>An entry holds the hash in its upper half and the slot's number in its lower, so that probing
 * touches this array alone until a hash is equal.
 */
final class SlotIndex {
  private static final long EMPTY = -1;

  private final long[] entries;
  private final int mask;

  /**
   * @param capacity how many slots there may be; the array is at least twice as long
   */
  SlotIndex(int capacity) {
    int size = Integer.highestOneBit(Math.max(4, capacity - 1)) << 2;
    entries = new long[size];
    java.util.Arrays.fill(entries, EMPTY);
    mask = size - 1;
  }

  /** The position where a search for this hash begins. */
  int first(int hash) {
    return hash & mask;
  }

  int next(int position) {
    return position + 1 & mask;
  }

  boolean isEmpty(int position) {
    return entries[position] == EMPTY;
  }

  boolean has(int position, int hash) {
    return (int) (entries[position] >>> 32) == hash;
  }

  int slot(int position) {
    return (int) entries[position];
  }

  /** Sets what an empty position, or one of the same hash, holds. */
  void put(int position, int hash, int slot) {
    entries[position] = (long) hash << 32 | slot;
  }

  /** Forgets a slot. */
  void remove(int hash, int slot) {
    long wanted = (long) hash << 32 | slot;
    int position = first(hash);
    while (entries[position] != wanted) {
      if (entries[position] == EMPTY) {
        throw new IllegalStateException("slot " + slot + " is not in the index");
      }
      position = next(position);
    }
    int hole = position;
    for (int i = next(hole); entries[i] != EMPTY; i = next(i)) {
      int home = first((int) (entries[i] >>> 32));
      // It may fill the hole unless its home lies after the hole, up to where it is.
      if ((i - home & mask) >= (i - hole & mask)) {
        entries[hole] = entries[i];
        hole = i;
      }
    }
    entries[hole] = EMPTY;
  }
}

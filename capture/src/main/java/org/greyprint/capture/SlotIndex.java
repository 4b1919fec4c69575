// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.util.Arrays;

/**
 * Finds slots by a 32-bit hash: open addressing with linear probing; deletion moves later entries
 * back, so that no tombstones gather (Knuth, TAOCP 3, 6.4, algorithm R).
 *
 * <p>An entry holds the hash in its upper half and the slot's number in its lower, so that probing
 * touches this array alone until a hash is equal. The array begins small and doubles when it is
 * half full, up to what the capacity needs: most tables never come near it.
 */
final class SlotIndex {
  private static final long EMPTY = -1;
  private static final int FIRST_SIZE = 256;

  private final int largest;
  private long[] entries;
  private int mask;
  private int used;

  /**
   * @param capacity how many slots there may be; the array grows to at least twice that
   */
  SlotIndex(int capacity) {
    largest = Integer.highestOneBit(Math.max(4, capacity - 1)) << 2;
    entries = empty(Math.min(largest, FIRST_SIZE));
    mask = entries.length - 1;
  }

  private static long[] empty(int size) {
    long[] entries = new long[size];
    Arrays.fill(entries, EMPTY);
    return entries;
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

  /**
   * Sets what an empty position, or one of the same hash, holds. Positions found before hold no
   * longer.
   */
  void put(int position, int hash, int slot) {
    int at = position;
    if (entries[at] == EMPTY) {
      used++;
      if (used > entries.length / 2 && entries.length < largest) {
        grow();
        at = hole(hash);
      }
    }
    entries[at] = (long) hash << 32 | slot;
  }

  private void grow() {
    long[] former = entries;
    entries = empty(former.length * 2);
    mask = entries.length - 1;
    for (long entry : former) {
      if (entry != EMPTY) {
        entries[hole((int) (entry >>> 32))] = entry;
      }
    }
  }

  /** Where an entry of this hash that is not here yet belongs. */
  private int hole(int hash) {
    int position = first(hash);
    while (entries[position] != EMPTY) {
      position = next(position);
    }
    return position;
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
    used--;
  }
}

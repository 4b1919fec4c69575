// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** {@link SlotIndex} against a plain map, while it grows and while entries leave. */
final class SlotIndexTest {
  private static final int CAPACITY = 5000;

  /** Few of their bits differ, so that many share a place in the array and wrap round its end. */
  private static int hash(int slot) {
    return (slot % 7 == 0 ? -1 : slot * 31) ^ slot << 20;
  }

  private static boolean finds(SlotIndex index, int hash, int slot) {
    for (int at = index.first(hash); !index.isEmpty(at); at = index.next(at)) {
      if (index.has(at, hash) && index.slot(at) == slot) {
        return true;
      }
    }
    return false;
  }

  private static void put(SlotIndex index, int hash, int slot) {
    int at = index.first(hash);
    while (!index.isEmpty(at)) {
      at = index.next(at);
    }
    index.put(at, hash, slot);
  }

  @Test
  void findsWhatWasPutAndNothingElseWhileItGrowsAndShrinks() {
    SplittableRandom random = new SplittableRandom(5);
    SlotIndex index = new SlotIndex(CAPACITY);
    Map<Integer, Integer> held = new HashMap<>();
    List<Integer> free = new ArrayList<>();
    for (int slot = 0; slot < CAPACITY; slot++) {
      free.add(slot);
    }
    for (int step = 0; step < 60_000; step++) {
      // It fills in the first half, and empties in the second.
      boolean adds = random.nextInt(10) < (step < 30_000 ? 7 : 3);
      if (adds && !free.isEmpty()) {
        int slot = free.removeLast();
        held.put(slot, hash(slot));
        put(index, hash(slot), slot);
      } else if (!held.isEmpty()) {
        int slot = held.keySet().iterator().next();
        index.remove(hash(slot), slot);
        held.remove(slot);
        free.addFirst(slot);
      }
      if (step % 10_000 == 9999) {
        for (int slot = 0; slot < CAPACITY; slot++) {
          assertThat(finds(index, hash(slot), slot))
              .as("slot %d after step %d", slot, step)
              .isEqualTo(held.containsKey(slot));
        }
      }
    }
  }

  @Test
  void holdsAllOfItsCapacity() {
    SlotIndex index = new SlotIndex(CAPACITY);
    for (int slot = 0; slot < CAPACITY; slot++) {
      put(index, hash(slot), slot);
    }
    for (int slot = 0; slot < CAPACITY; slot++) {
      assertThat(finds(index, hash(slot), slot)).as("slot %d", slot).isTrue();
    }
  }
}

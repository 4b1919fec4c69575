// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Merges strands: a heap of them, by instant, source and position of their next lines. */
final class Tournament {
  private final Strand[] heap;

  /** The instants of the heap, beside it, so that most comparisons touch nothing else. */
  private final long[] instants;

  private int size;

  Tournament(List<? extends Strand> strands) throws IOException {
    heap = new Strand[strands.size()];
    instants = new long[strands.size()];
    for (Strand strand : strands) {
      if (strand.next()) {
        heap[size] = strand;
        instants[size++] = strand.instant;
      }
    }
    for (int i = size / 2 - 1; i >= 0; i--) {
      down(i);
    }
  }

  /** The strand whose next lines come first, or null after all of them. */
  @Nullable Strand first() {
    return size == 0 ? null : heap[0];
  }

  /** Goes on after those lines. */
  void advance() throws IOException {
    Strand top = heap[0];
    if (top.next()) {
      instants[0] = top.instant;
    } else {
      size--;
      heap[0] = heap[size];
      instants[0] = instants[size];
    }
    if (size > 1) {
      down(0);
    }
  }

  private void down(int start) {
    Strand moving = heap[start];
    long instant = instants[start];
    int at = start;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && before(child + 1, child)) {
        child++;
      }
      if (instant < instants[child]
          || instant == instants[child] && sameInstantBefore(moving, heap[child])) {
        break;
      }
      heap[at] = heap[child];
      instants[at] = instants[child];
      at = child;
    }
    heap[at] = moving;
    instants[at] = instant;
  }

  private boolean before(int a, int b) {
    return instants[a] < instants[b]
        || instants[a] == instants[b] && sameInstantBefore(heap[a], heap[b]);
  }

  private static boolean sameInstantBefore(Strand a, Strand b) {
    return a.source < b.source || a.source == b.source && a.position < b.position;
  }
}

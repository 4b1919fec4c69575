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

  /** Their sources too: stamps of whole seconds are often the same. */
  private final int[] sources;

  private int size;

  Tournament(List<? extends Strand> strands) throws IOException {
    heap = new Strand[strands.size()];
    instants = new long[strands.size()];
    sources = new int[strands.size()];
    for (Strand strand : strands) {
      if (strand.next()) {
        heap[size] = strand;
        sources[size] = strand.source;
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
      sources[0] = top.source;
    } else {
      size--;
      heap[0] = heap[size];
      instants[0] = instants[size];
      sources[0] = sources[size];
    }
    if (size > 1) {
      down(0);
    }
  }

  private void down(int start) {
    Strand moving = heap[start];
    long instant = instants[start];
    int source = sources[start];
    int at = start;
    while (true) {
      int child = 2 * at + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size
          && before(instants[child + 1], sources[child + 1], heap[child + 1], child)) {
        child++;
      }
      if (before(instant, source, moving, child)) {
        break;
      }
      heap[at] = heap[child];
      instants[at] = instants[child];
      sources[at] = sources[child];
      at = child;
    }
    heap[at] = moving;
    instants[at] = instant;
    sources[at] = source;
  }

  private boolean before(long instant, int source, Strand strand, int other) {
    return instant < instants[other]
        || instant == instants[other]
            && (source < sources[other]
                || source == sources[other] && strand.position < heap[other].position);
  }
}

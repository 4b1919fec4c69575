// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

/**
 * The records that wait to be written, as octets: a hundred times as many decisions would otherwise
 * have to be kept as objects, which the collector moves about. Bounded by number and octets. Safe
 * for any thread; one of them takes.
 */
final class Pending {
  /** As octets, with the one that goes beyond it. */
  private static final int MOST_OCTETS = 1 << 24;

  /** A buffer that had to grow beyond this is not kept. */
  private static final int USUAL_OCTETS = 1 << 20;

  private final int most;
  private Output filling = new Output();
  private Output spare = new Output();
  private int count;
  private boolean closed;

  /**
   * @param most so many records wait at most
   */
  Pending(int most) {
    this.most = most;
  }

  /** Records that were taken together. */
  record Taken(Output octets, int count) {}

  /**
   * Adds one.
   *
   * @return how many wait now; 0 if there is no room for it, or it is closed
   */
  synchronized int add(Entry entry) {
    if (closed || count >= most || filling.size() > MOST_OCTETS) {
      return 0;
    }
    int start = filling.size();
    boolean whole = false;
    try {
      for (int i = 0; i < Frames.HEAD; i++) {
        filling.octet(0);
      }
      EntryCodec.encode(entry, filling);
      Frames.seal(filling, start);
      whole = true;
    } finally {
      if (!whole) {
        filling.cut(start);
      }
    }
    return ++count;
  }

  synchronized int count() {
    return count;
  }

  /** Takes all there are; good until the next call. */
  synchronized Taken take() {
    Taken taken = new Taken(filling, count);
    Output next = spare.array().length <= USUAL_OCTETS ? spare : new Output();
    next.clear();
    spare = filling;
    filling = next;
    count = 0;
    return taken;
  }

  /** From now on none can be added. */
  synchronized void close() {
    closed = true;
  }
}

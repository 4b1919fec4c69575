// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import org.jspecify.annotations.Nullable;

/**
 * Which signature named a SYN with the same features: clients are many, kinds of SYN are few. A
 * table of fixed size in which the later of two that fall on one place stays. Not safe for threads.
 */
final class MatchCache {
  private static final int BITS = 12;
  private static final int WORDS = 4;
  private static final int MAX_KINDS = 8;

  private static final long TAKEN = 1L << 63;
  private static final long FUZZY = 1;
  private static final long NEAR_PROGRAM = 2;

  // Three words of features and one of the outcome's flags, together in half a cache line.
  private final long[] words = new long[WORDS << BITS];
  private final @Nullable Signature[] signatures = new Signature[1 << BITS];

  private long kinds;
  private long header;
  private long segment;
  private int place;

  /**
   * Looks for the outcome of an equal SYN.
   *
   * @return false where there is none; then {@link #keep} is to be told what the outcome is
   */
  boolean find(Syn syn, Database.Found found) {
    kinds = syn.lastKinds;
    // All but the options' values and the identity of the client: what signatures are held against.
    header =
        syn.quirks & 0xffff_ffffL
            | (long) syn.layoutLength << 32
            | (long) syn.eolPadding << 40
            | (long) syn.ipOptions << 48
            | (syn.version == 6 ? 1L << 56 : 0)
            | (syn.payload ? 1L << 57 : 0)
            | (syn.timestamp != 0 ? 1L << 58 : 0)
            | TAKEN;
    segment =
        syn.window
            | (long) syn.mss << 16
            | (long) syn.ttl << 32
            | (long) syn.scale << 40
            | (long) syn.headers << 48;
    if (syn.layoutLength > MAX_KINDS || syn.headers > 0xffff) {
      place = -1;
      return false;
    }
    long hash = (kinds ^ header * 0x9e3779b97f4a7c15L) * 0xd6e8feb86659fd93L;
    hash = (hash ^ hash >>> 32 ^ segment) * 0x9e3779b97f4a7c15L;
    place = (int) (hash >>> 64 - BITS);
    int at = place * WORDS;
    if (words[at] != kinds || words[at + 1] != header || words[at + 2] != segment) {
      return false;
    }
    found.signature = signatures[place];
    found.fuzzy = (words[at + 3] & FUZZY) != 0;
    found.nearProgram = (words[at + 3] & NEAR_PROGRAM) != 0;
    return true;
  }

  /** Keeps the outcome for the SYN last looked for. */
  void keep(Database.Found found) {
    if (place < 0) {
      return;
    }
    int at = place * WORDS;
    words[at] = kinds;
    words[at + 1] = header;
    words[at + 2] = segment;
    words[at + 3] = (found.fuzzy ? FUZZY : 0) | (found.nearProgram ? NEAR_PROGRAM : 0);
    signatures[place] = found.signature;
  }
}

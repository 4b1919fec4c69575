// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.util.Arrays;

/**
 * One line {@code sig = ...} of a database and its label.
 *
 * @param label what it names
 * @param line its line in the file
 * @param version 4, 6, or 0 for both
 * @param ttl the initial TTL
 * @param anyTtl whether the TTL is random, at most {@code ttl}
 * @param ipOptions octets of IPv4 options
 * @param mss or -1 for any
 * @param windowKind how {@code window} is to be read
 * @param window a window, a divisor or a factor
 * @param scale or -1 for any
 * @param layout kinds of TCP options
 * @param eolPadding octets after the end-of-options octet
 * @param quirks bits of {@link Quirks}
 * @param payload 0, 1, or -1 for any
 */
record Signature(
    Label label,
    int line,
    int version,
    int ttl,
    boolean anyTtl,
    int ipOptions,
    int mss,
    WindowKind windowKind,
    int window,
    int scale,
    byte[] layout,
    int eolPadding,
    int quirks,
    int payload) {

  /** How a window is compared. */
  enum WindowKind {
    ANY,
    EXACT,
    MODULO,
    /** The largest multiple of the MSS that there is, see {@link Windows#full}. */
    FULL,
    MSS_MULTIPLE,
    MTU_MULTIPLE
  }

  /**
   * What signatures name.
   *
   * @param generic whether it is a last resort
   * @param application whether it is a program and no system ({@code !} for a class)
   * @param kind the class, e.g. win or unix
   */
  record Label(boolean generic, boolean application, String kind, String name, String flavor) {}

  /** The largest distance that is believed. */
  static final int MAX_DISTANCE = 35;

  private static final int MAY_BE_MISSING = Quirks.DF | Quirks.NONZERO_ID;
  private static final int MAY_BE_MORE = Quirks.ZERO_ID | Quirks.ECN;

  /** No match. */
  static final int NO = 0;

  /** A match but for what paths change. */
  static final int FUZZY = 1;

  static final int EXACT = 2;

  /**
   * How well a SYN of the same option layout matches.
   *
   * @param haveFuzzy whether a fuzzy match would not be taken any more
   */
  int match(Syn syn, boolean haveFuzzy) {
    // All must agree, so what rules out most comes first.
    // A server's signature is not for one that only carries a mark some path has put on it.
    if ((quirks & (Quirks.ECE | Quirks.CWR) & ~syn.quirks) != 0) {
      return NO;
    }
    if (scale >= 0 && scale != syn.scale || !sameWindow(syn)) {
      return NO;
    }
    if (mss >= 0 && mss != syn.mss || payload >= 0 && (payload == 1) != syn.payload) {
      return NO;
    }
    return matchRest(syn, haveFuzzy);
  }

  /** Of a method of its own, so that what is asked of each signature is small enough to inline. */
  private int matchRest(Syn syn, boolean haveFuzzy) {
    int wanted = quirks;
    if (version == 0) {
      wanted &= syn.version == 4 ? ~Quirks.FLOW : ~(Quirks.DF | Quirks.NONZERO_ID | Quirks.ZERO_ID);
    }
    boolean fuzzy = false;
    int seen = (wanted & Quirks.ALL_ECN) != 0 ? syn.quirks : Quirks.folded(syn.quirks);
    if ((wanted & Quirks.ANY_SETUP) != 0) {
      wanted &= ~Quirks.ANY_SETUP;
      seen = Quirks.folded(syn.quirks & ~Quirks.SETUP);
    }
    if ((wanted & Quirks.ANY_FLOW) != 0) {
      wanted &= ~Quirks.ANY_FLOW;
      seen &= ~Quirks.FLOW;
    }
    if (seen != wanted) {
      seen = Quirks.folded(seen);
      int known = Quirks.folded(wanted);
      int missing = known & ~seen;
      int more = seen & ~known;
      if (haveFuzzy || (missing & ~MAY_BE_MISSING) != 0 || (more & ~MAY_BE_MORE) != 0) {
        return NO;
      }
      fuzzy = true;
    }
    if (eolPadding != syn.eolPadding || ipOptions != syn.ipOptions) {
      return NO;
    }
    if (anyTtl) {
      if (syn.ttl > ttl) {
        return NO;
      }
    } else if (syn.ttl > ttl || ttl - syn.ttl > MAX_DISTANCE) {
      fuzzy = true;
    }
    return fuzzy ? FUZZY : EXACT;
  }

  private boolean sameWindow(Syn syn) {
    return switch (windowKind) {
      case ANY -> true;
      case EXACT -> window == syn.window;
      case MODULO -> syn.window % window == 0;
      case FULL -> syn.full;
      case MSS_MULTIPLE -> syn.multipleOf == Windows.OF_MSS && syn.multiple == window;
      case MTU_MULTIPLE -> syn.multipleOf == Windows.OF_MTU && syn.multiple == window;
    };
  }

  boolean sameLayout(Syn syn) {
    return Arrays.equals(layout, 0, layout.length, syn.layout, 0, syn.layoutLength);
  }

  int layoutHash() {
    int hash = 1;
    for (byte kind : layout) {
      hash = hash * 31 + (kind & 0xff) + 1;
    }
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}

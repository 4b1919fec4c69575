// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/**
 * TCP windows that are multiples of a segment's or a packet's size: many stacks choose them so, and
 * then the factor says more than the number.
 */
final class Windows {
  static final int NOTHING = 0;
  static final int OF_MSS = 1;
  static final int OF_MTU = 2;

  private static final int MIN_MSS = 100;
  private static final int MAX = 65535;

  /**
   * What an MSS is before a path lowers it: Ethernet, PPPoE, tunnels and clouds, the IPv6 minimum,
   * and jumbo frames; over IPv4 and IPv6.
   */
  private static final int[] USUAL_MSS = {
    1460, 1452, 1440, 1432, 1420, 1414, 1412, 1410, 1400, 1394, 1390, 1380, 1370, 1360, 1340, 1300,
    1240, 1220, 8960, 8961, 8940
  };

  /** Every window that is full for one of these. */
  private static final boolean[] USUAL = new boolean[1 << 16];

  static {
    for (int mss : USUAL_MSS) {
      USUAL[MAX / mss * mss] = true;
    }
  }

  private Windows() {}

  /**
   * Whether a window is the largest multiple of the MSS that fits into 16 bits: of the SYN's own,
   * or of a usual one, for a path that lowers the MSS leaves the window as it was.
   */
  static boolean full(int window, int mss) {
    // What is not more than half of it leaves room for another segment.
    return window > MAX / 2 && (USUAL[window] || mss >= MIN_MSS && MAX / mss * mss == window);
  }

  /** Finds what the window is a multiple of; the first size that divides it. */
  static void findMultiple(Syn syn) {
    syn.full = full(syn.window, syn.mss);
    syn.multipleOf = NOTHING;
    syn.multiple = 0;
    int mss = syn.mss;
    if (syn.window == 0 || mss < MIN_MSS) {
      return;
    }
    boolean six = syn.version == 6;
    if (divides(syn, mss, OF_MSS)
        || syn.timestamp != 0 && divides(syn, mss - 12, OF_MSS)
        || divides(syn, 1460, OF_MSS)
        || divides(syn, 1448, OF_MSS)
        || six && (divides(syn, 1440, OF_MSS) || divides(syn, 1428, OF_MSS))
        || divides(syn, mss + 40, OF_MTU)
        || divides(syn, mss + syn.headers, OF_MTU)
        || six && divides(syn, mss + 60, OF_MTU)) {
      return;
    }
    divides(syn, 1500, OF_MTU);
  }

  private static boolean divides(Syn syn, int size, int kind) {
    // Exact for such small numbers, and faster than dividing integers.
    double quotient = (double) syn.window / size;
    int whole = (int) quotient;
    if (whole != quotient) {
      return false;
    }
    syn.multipleOf = kind;
    syn.multiple = whole;
    return true;
  }
}

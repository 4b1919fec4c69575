// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.util.List;

/**
 * Peculiarities of a SYN's headers, one bit each.
 *
 * <p>p0f has one quirk, {@code ecn}, for four different things; here ECE, CWR, the AE bit (NS of
 * old) and the two values of the IP ECN field that a sender sets are apart, and {@code ecn} in a
 * signature stands for any of them.
 */
final class Quirks {
  static final int DF = 1;
  static final int NONZERO_ID = 1 << 1;
  static final int ZERO_ID = 1 << 2;
  static final int ECN = 1 << 3;
  static final int RESERVED_FLAG = 1 << 4;
  static final int FLOW = 1 << 5;
  static final int ZERO_SEQ = 1 << 6;
  static final int NONZERO_ACK = 1 << 7;
  static final int ZERO_ACK = 1 << 8;
  static final int NONZERO_URG = 1 << 9;
  static final int URG = 1 << 10;
  static final int PUSH = 1 << 11;
  static final int ZERO_TS1 = 1 << 12;
  static final int NONZERO_TS2 = 1 << 13;
  static final int EOL_NONZERO = 1 << 14;
  static final int EXCESSIVE_SCALE = 1 << 15;
  static final int MALFORMED = 1 << 16;

  // What p0f folds into ecn.
  static final int ECE = 1 << 20;
  static final int CWR = 1 << 21;
  static final int AE = 1 << 22;
  static final int ECT0 = 1 << 23;
  static final int ECT1 = 1 << 24;
  static final int CE = 1 << 25;
  static final int ALL_ECN = ECE | CWR | AE | ECT0 | ECT1 | CE;

  /** In a signature: with or without ECE, CWR and AE. */
  static final int ANY_SETUP = 1 << 29;

  /** The flags that ask for ECN; ANY_SETUP stands for any of them or none. */
  static final int SETUP = ECE | CWR | AE;

  /** In a signature: with or without a flow label. */
  static final int ANY_FLOW = 1 << 30;

  /** What a packet over IPv6 can't have. */
  static final int IPV4_ONLY = DF | NONZERO_ID | ZERO_ID | RESERVED_FLAG;

  private record Token(String text, int bit) {}

  private static final List<Token> TOKENS =
      List.of(
          new Token("df", DF),
          new Token("id+", NONZERO_ID),
          new Token("id-", ZERO_ID),
          new Token("ecn", ECN),
          new Token("ecn?", ANY_SETUP),
          new Token("ece", ECE),
          new Token("cwr", CWR),
          new Token("ae", AE),
          new Token("ect0", ECT0),
          new Token("ect1", ECT1),
          new Token("ce", CE),
          new Token("0+", RESERVED_FLAG),
          new Token("flow", FLOW),
          new Token("flow?", ANY_FLOW),
          new Token("seq-", ZERO_SEQ),
          new Token("ack+", NONZERO_ACK),
          new Token("ack-", ZERO_ACK),
          new Token("uptr+", NONZERO_URG),
          new Token("urgf+", URG),
          new Token("pushf+", PUSH),
          new Token("ts1-", ZERO_TS1),
          new Token("ts2+", NONZERO_TS2),
          new Token("opt+", EOL_NONZERO),
          new Token("exws", EXCESSIVE_SCALE),
          new Token("bad", MALFORMED));

  private Quirks() {}

  /** The bit of a word in a signature, or 0. */
  static int bit(String token) {
    for (Token each : TOKENS) {
      if (each.text.equals(token)) {
        return each.bit;
      }
    }
    return 0;
  }

  /** All quirks as a signature lists them. */
  static void append(StringBuilder to, int quirks) {
    int start = to.length();
    for (Token each : TOKENS) {
      if ((quirks & each.bit) != 0) {
        if (to.length() > start) {
          to.append(',');
        }
        to.append(each.text);
      }
    }
  }

  /** The same with ECN as p0f knows it. */
  static int folded(int quirks) {
    return (quirks & ALL_ECN) == 0 ? quirks : quirks & ~ALL_ECN | ECN;
  }
}

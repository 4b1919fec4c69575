// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import org.greyprint.fingerprint.Fingerprinter;

/** SYNs that tell the same: what is written of each, and how many there were. */
final class Kind {
  private static final byte[] NONE = {};

  final Fingerprinter.Both described;

  /** What follows addresses and ports on the first line, its end included. */
  final byte[] tail;

  /** The same of a second line; empty where there is none. */
  final byte[] secondTail;

  /**
   * What names the server, and then both tails, in one piece; made while the server is the same.
   */
  byte[] text = NONE;

  /** What names the server in {@link #text}. */
  byte[] server = NONE;

  long count;

  Kind(Fingerprinter.Both described, byte[] tail, byte[] secondTail) {
    this.described = described;
    this.tail = tail;
    this.secondTail = secondTail;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

/** Hashes for comparing; not for keeping secrets. */
final class Hashes {
  private Hashes() {}

  /** FNV-1a with 64 bits, stirred once more. */
  static long hash(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte octet : bytes) {
      hash ^= octet & 255;
      hash *= 0x100000001b3L;
    }
    hash ^= hash >>> 33;
    hash *= 0xff51afd7ed558ccdL;
    return hash ^ hash >>> 33;
  }

  static String hex(byte[] bytes) {
    return String.format("%016x", hash(bytes));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Instant;

/** The record of a correspondent: when our user last wrote. */
record Stamp(Instant last) {
  private static final int VERSION = 1;

  static String name(String user, String other) {
    return user + '\n' + other;
  }

  byte[] bytes() {
    return new Output().octet(VERSION).time(last).bytes();
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws Input.Malformed if it is something else
   */
  static Stamp read(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.octet() != VERSION) {
      throw new Input.Malformed("unknown version");
    }
    Stamp stamp = new Stamp(in.time());
    in.end();
    return stamp;
  }
}

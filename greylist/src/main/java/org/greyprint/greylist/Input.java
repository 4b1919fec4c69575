// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** Bytes of a record that is read; what is not there throws {@link Malformed}. */
final class Input {
  /** The bytes are not what they should be. */
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Malformed(String what) {
      super(what, null, false, false);
    }
  }

  private static final long FARTHEST = 1L << 52;

  private final byte[] bytes;
  private int at;

  Input(byte[] bytes) {
    this.bytes = bytes;
  }

  int octet() {
    need(1);
    return bytes[at++] & 255;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int octet = octet();
      value |= (long) (octet & 0x7F) << shift;
      if (octet < 128) {
        return value;
      }
    }
    throw new Malformed("number too long");
  }

  /** A number that cannot be negative or huge. */
  long count() {
    long value = varint();
    if (value < 0 || value > FARTHEST) {
      throw new Malformed("number out of range");
    }
    return value;
  }

  long signed() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  Instant time() {
    return instant(signed());
  }

  Instant time(Instant base) {
    long offset = signed();
    if (Math.abs(offset) > FARTHEST) {
      throw new Malformed("time out of range");
    }
    return instant(base.toEpochMilli() + offset);
  }

  private static Instant instant(long millis) {
    if (Math.abs(millis) > FARTHEST) {
      throw new Malformed("time out of range");
    }
    return Instant.ofEpochMilli(millis);
  }

  byte[] raw(int count) {
    need(count);
    at += count;
    return Arrays.copyOfRange(bytes, at - count, at);
  }

  String text() {
    long length = varint();
    if (length < 0 || length > bytes.length - at) {
      throw new Malformed("text too long");
    }
    return new String(raw((int) length), StandardCharsets.UTF_8);
  }

  /** Checks that nothing is left. */
  void end() {
    if (at != bytes.length) {
      throw new Malformed("something follows");
    }
  }

  private void need(int count) {
    if (count < 0 || count > bytes.length - at) {
      throw new Malformed("cut short");
    }
  }
}

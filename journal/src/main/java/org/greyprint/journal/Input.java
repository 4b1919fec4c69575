// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that are read; what is not there throws {@link Malformed}. */
final class Input {
  /** The bytes are not what they should be. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String what) {
      super(what, null, false, false);
    }
  }

  private final byte[] bytes;
  private final int end;
  private int at;

  Input(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  int octet() throws Malformed {
    need(1);
    return bytes[at++] & 255;
  }

  static int int32(byte[] bytes, int at) {
    return (bytes[at] & 255) << 24
        | (bytes[at + 1] & 255) << 16
        | (bytes[at + 2] & 255) << 8
        | bytes[at + 3] & 255;
  }

  int int32() throws Malformed {
    need(4);
    at += 4;
    return int32(bytes, at - 4);
  }

  long int64() throws Malformed {
    return (long) int32() << 32 | int32() & 0xFFFF_FFFFL;
  }

  long varint() throws Malformed {
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

  byte[] raw(int count) throws Malformed {
    need(count);
    at += count;
    return Arrays.copyOfRange(bytes, at - count, at);
  }

  String text() throws Malformed {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw new Malformed("text too long");
    }
    at += (int) length;
    return new String(bytes, at - (int) length, (int) length, StandardCharsets.UTF_8);
  }

  /** A count of things that take at least one octet each. */
  int count() throws Malformed {
    long count = varint();
    if (count < 0 || count > end - at) {
      throw new Malformed("count too high");
    }
    return (int) count;
  }

  private void need(int count) throws Malformed {
    if (count < 0 || count > end - at) {
      throw new Malformed("too short");
    }
  }
}

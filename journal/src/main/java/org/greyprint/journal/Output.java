// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow. */
final class Output {
  private byte[] bytes = new byte[1024];
  private int size;

  void clear() {
    size = 0;
  }

  /** Takes off what was written behind that size. */
  void cut(int to) {
    size = to;
  }

  int size() {
    return size;
  }

  byte[] array() {
    return bytes;
  }

  void octet(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  void int32(int value) {
    room(4);
    int32(size, value);
    size += 4;
  }

  /** Overwrites four octets. */
  void int32(int at, int value) {
    bytes[at] = (byte) (value >> 24);
    bytes[at + 1] = (byte) (value >> 16);
    bytes[at + 2] = (byte) (value >> 8);
    bytes[at + 3] = (byte) value;
  }

  void int64(long value) {
    int32((int) (value >> 32));
    int32((int) value);
  }

  /** Seven bits an octet, the lowest first; small numbers are short. */
  void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      octet((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    octet((int) rest);
  }

  void raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  /** A text of at most a number of characters; what is longer is cut. */
  void text(String value, int longest) {
    String cut = value.length() <= longest ? value : value.substring(0, longest);
    if (ascii(cut)) {
      return;
    }
    byte[] encoded = cut.getBytes(StandardCharsets.UTF_8);
    varint(encoded.length);
    raw(encoded);
  }

  /**
   * Writes a text if all of it is ASCII, as nearly all are, without a copy; else writes nothing.
   */
  private boolean ascii(String text) {
    int length = text.length();
    int before = size;
    varint(length);
    room(length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c > 127) {
        size = before;
        return false;
      }
      bytes[size + i] = (byte) c;
    }
    size += length;
    return true;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }
}

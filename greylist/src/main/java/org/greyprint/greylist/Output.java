// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** Bytes of a record that is written. */
final class Output {
  private byte[] bytes = new byte[96];
  private int size;

  Output octet(int value) {
    room(1);
    bytes[size++] = (byte) value;
    return this;
  }

  /** Seven bits an octet, the lowest first; small numbers are short. Not for negative ones. */
  Output varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      octet((int) (rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    return octet((int) rest);
  }

  /** Small numbers of either sign are short. */
  Output signed(long value) {
    return varint(value << 1 ^ value >> 63);
  }

  /** A time in milliseconds. */
  Output time(Instant value) {
    return signed(value.toEpochMilli());
  }

  /** A time near another one. */
  Output time(Instant value, Instant base) {
    return signed(value.toEpochMilli() - base.toEpochMilli());
  }

  Output raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  Output text(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    return varint(encoded.length).raw(encoded);
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
    }
  }
}

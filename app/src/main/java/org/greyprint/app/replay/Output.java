// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text written octet by octet into a buffer, without garbage. */
final class Output {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** So small that it stays in the processor's cache, and that writing needs no more memory. */
  private static final int FULL = 8192;

  /** No line is longer than this: two tails of {@link Lines#MAX_TAIL} and what is before them. */
  private static final int SLACK = 8192;

  /** Digits and a dot for each octet of an IPv4 address, as an int; then how many. */
  private static final int[] OCTETS = new int[256];

  private static final byte[] OCTET_LENGTHS = new byte[256];

  /** Two digits each, as a short. */
  private static final short[] PAIRS = new short[100];

  static {
    for (int i = 0; i < 100; i++) {
      PAIRS[i] = (short) ('0' + i / 10 | '0' + i % 10 << 8);
    }
    for (int i = 0; i < 256; i++) {
      String text = i + ".";
      for (int j = text.length() - 1; j >= 0; j--) {
        OCTETS[i] = OCTETS[i] << 8 | text.charAt(j);
      }
      OCTET_LENGTHS[i] = (byte) text.length();
    }
  }

  private final OutputStream out;
  private final byte[] buffer = new byte[FULL + SLACK];
  private int position;

  Output(OutputStream out) {
    this.out = out;
  }

  /** To be called between lines: writes where the buffer is nearly full. */
  void lineEnded() throws IOException {
    if (position >= FULL) {
      out.write(buffer, 0, FULL);
      System.arraycopy(buffer, FULL, buffer, 0, position - FULL);
      position -= FULL;
    }
  }

  void flush() throws IOException {
    out.write(buffer, 0, position);
    position = 0;
    out.flush();
  }

  /** Where the next octet goes, for {@link #again}. */
  int mark() {
    return position;
  }

  /** Repeats what was written from one mark to another of the same line. */
  void again(int from, int to) {
    System.arraycopy(buffer, from, buffer, position, to - from);
    position += to - from;
  }

  /** What was written since a mark, which is as if it was not. */
  byte[] takeBack(int from) {
    byte[] taken = Arrays.copyOfRange(buffer, from, position);
    position = from;
    return taken;
  }

  void octet(int octet) {
    buffer[position++] = (byte) octet;
  }

  void text(byte[] text) {
    System.arraycopy(text, 0, buffer, position, text.length);
    position += text.length;
  }

  /** A part of a text. */
  void text(byte[] text, int from, int length) {
    System.arraycopy(text, from, buffer, position, length);
    position += length;
  }

  /** A number from 0 to 65535. */
  void decimal(int number) {
    if (number >= 10_000) {
      int high = number / 10_000;
      buffer[position] = (byte) ('0' + high);
      int low = number - high * 10_000;
      int hundreds = low / 100;
      SHORT.set(buffer, position + 1, PAIRS[hundreds]);
      SHORT.set(buffer, position + 3, PAIRS[low - hundreds * 100]);
      position += 5;
      return;
    }
    int length = number >= 1000 ? 4 : number >= 100 ? 3 : number >= 10 ? 2 : 1;
    digits(number, length);
  }

  /** A number with a fixed count of digits. */
  void digits(int number, int count) {
    int rest = number;
    for (int i = position + count - 1; i >= position; i--) {
      buffer[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    position += count;
  }

  /** The lower half of an IPv4-mapped address as a dotted quad. */
  void ipv4(long low) {
    byte[] b = buffer;
    int at = position;
    int a0 = (int) (low >>> 24) & 0xff;
    INT.set(b, at, OCTETS[a0]);
    at += OCTET_LENGTHS[a0];
    int a1 = (int) (low >>> 16) & 0xff;
    INT.set(b, at, OCTETS[a1]);
    at += OCTET_LENGTHS[a1];
    int a2 = (int) (low >>> 8) & 0xff;
    INT.set(b, at, OCTETS[a2]);
    at += OCTET_LENGTHS[a2];
    int a3 = (int) low & 0xff;
    INT.set(b, at, OCTETS[a3]);
    position = at + OCTET_LENGTHS[a3] - 1;
  }

  /** All eight groups of an IPv6 address, without leading zeros, as p0f writes it. */
  void ipv6(long high, long low) {
    for (int i = 0; i < 8; i++) {
      if (i > 0) {
        octet(':');
      }
      group(group(high, low, i));
    }
  }

  /** An IPv6 address in its canonical form (RFC 5952). */
  void canonicalIpv6(long high, long low) {
    int best = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && group(high, low, i + length) == 0) {
        length++;
      }
      if (length > bestLength) {
        best = i;
        bestLength = length;
      }
      i += length;
    }
    for (int i = 0; i < 8; i++) {
      if (i == best) {
        octet(':');
        octet(':');
        i += bestLength - 1;
        continue;
      }
      if (i > 0 && (best < 0 || i != best + bestLength)) {
        octet(':');
      }
      group(group(high, low, i));
    }
  }

  private static int group(long high, long low, int i) {
    return (int) ((i < 4 ? high : low) >>> 48 - (i & 3) * 16) & 0xffff;
  }

  private void group(int value) {
    boolean started = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      int digit = value >>> shift & 15;
      if (digit != 0 || started || shift == 0) {
        octet(HEX[digit]);
        started = true;
      }
    }
  }
}

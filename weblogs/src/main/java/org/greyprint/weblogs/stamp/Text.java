// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Digits and names of months in octets. */
final class Text {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long LOW = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  private Text() {}

  /** The first place of an octet in a range, or the end of it; eight octets at a time. */
  static int first(char octet, byte[] b, int from, int to) {
    long wanted = LOW * octet;
    int i = from;
    for (int limit = to - 8; i <= limit; i += 8) {
      long word = (long) LONG.get(b, i) ^ wanted;
      long zeros = (word - LOW) & ~word & HIGH;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    while (i < to && b[i] != octet) {
      i++;
    }
    return i;
  }

  /** A number of exactly so many digits, or -1. */
  static int digits(byte[] b, int at, int count) {
    int value = 0;
    for (int i = at; i < at + count; i++) {
      int digit = b[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  static boolean digit(byte octet) {
    return octet >= '0' && octet <= '9';
  }

  /** 1 to 12 for the three letters of a month, in English, in any case; 0 for other letters. */
  static int month(byte[] b, int at) {
    int word = (b[at] | 0x20) << 16 | (b[at + 1] | 0x20) << 8 | (b[at + 2] | 0x20);
    return switch (word) {
      case 'j' << 16 | 'a' << 8 | 'n' -> 1;
      case 'f' << 16 | 'e' << 8 | 'b' -> 2;
      case 'm' << 16 | 'a' << 8 | 'r' -> 3;
      case 'a' << 16 | 'p' << 8 | 'r' -> 4;
      case 'm' << 16 | 'a' << 8 | 'y' -> 5;
      case 'j' << 16 | 'u' << 8 | 'n' -> 6;
      case 'j' << 16 | 'u' << 8 | 'l' -> 7;
      case 'a' << 16 | 'u' << 8 | 'g' -> 8;
      case 's' << 16 | 'e' << 8 | 'p' -> 9;
      case 'o' << 16 | 'c' << 8 | 't' -> 10;
      case 'n' << 16 | 'o' << 8 | 'v' -> 11;
      case 'd' << 16 | 'e' << 8 | 'c' -> 12;
      default -> 0;
    };
  }

  /** HH:MM:SS as seconds of the day, or -1; 60 is a leap second. */
  static int clock(byte[] b, int at) {
    if (b[at + 2] != ':' || b[at + 5] != ':') {
      return -1;
    }
    int hour = digits(b, at, 2);
    int minute = digits(b, at + 3, 2);
    int second = digits(b, at + 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
      return -1;
    }
    return hour * 3600 + minute * 60 + second;
  }

  /** +hhmm as seconds, up to 23:59; or {@link Civil#NO_OFFSET}. */
  static int offset(byte[] b, int at) {
    int hours = digits(b, at + 1, 2);
    int minutes = digits(b, at + 3, 2);
    if (b[at] != '+' && b[at] != '-' || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
      return Civil.NO_OFFSET;
    }
    int seconds = hours * 3600 + minutes * 60;
    return b[at] == '-' ? -seconds : seconds;
  }

  /** Writes a number with so many digits; gives the place after it. */
  static int put(byte[] target, int at, int value, int count) {
    int rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return at + count;
  }

  static int putMonth(byte[] target, int at, int month) {
    for (int i = 0; i < 3; i++) {
      target[at + i] = (byte) MONTHS.charAt((month - 1) * 3 + i);
    }
    return at + 3;
  }

  static int putClock(byte[] target, int at, int secondOfDay) {
    int next = put(target, at, secondOfDay / 3600, 2);
    target[next++] = ':';
    next = put(target, next, secondOfDay / 60 % 60, 2);
    target[next++] = ':';
    return put(target, next, secondOfDay % 60, 2);
  }

  static int putOffset(byte[] target, int at, int seconds, boolean colon) {
    int next = at;
    target[next++] = (byte) (seconds < 0 ? '-' : '+');
    int minutes = Math.abs(seconds) / 60;
    next = put(target, next, minutes / 60, 2);
    if (colon) {
      target[next++] = ':';
    }
    return put(target, next, minutes % 60, 2);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

/**
 * The digits of a record's date, YYYYMMDDHHMMSS, as AWStats reads and compares them: without the
 * offset.
 */
final class RecordDate {
  /** The line has no date. */
  static final long NONE = -1;

  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  /** So far into a line a date is looked for. */
  private static final int REACH = 8192;

  private RecordDate() {}

  static long digits(SiteConfig.DateKind kind, byte[] line, int from, int to) {
    int end = Math.min(to, from + REACH);
    return switch (kind) {
      case BRACKETS -> brackets(line, from, end);
      case ISO -> iso(line, from, end);
    };
  }

  /** The first {@code [31/Jan/2026:12:00:00}. */
  private static long brackets(byte[] line, int from, int to) {
    for (int at = from; at + 20 < to; at++) {
      if (line[at] != '[' || line[at + 3] != '/' || line[at + 7] != '/') {
        continue;
      }
      int month = month(line, at + 4);
      long day = number(line, at + 1, 2);
      long year = number(line, at + 8, 4);
      long time = time(line, at + 13);
      if (month > 0 && day > 0 && year > 0 && time >= 0 && line[at + 12] == ':') {
        return join(year, month, day, time);
      }
    }
    return NONE;
  }

  /** The first {@code 2026-01-31 12:00:00}; the blank may be a T. */
  private static long iso(byte[] line, int from, int to) {
    for (int at = from; at + 18 < to; at++) {
      if (line[at + 4] != '-' || line[at + 7] != '-') {
        continue;
      }
      byte between = line[at + 10];
      long year = number(line, at, 4);
      long month = number(line, at + 5, 2);
      long day = number(line, at + 8, 2);
      long time = time(line, at + 11);
      if (year > 0
          && month >= 1
          && month <= 12
          && day > 0
          && time >= 0
          && (between == ' ' || between == 'T' || between == '\t')) {
        return join(year, month, day, time);
      }
    }
    return NONE;
  }

  private static long join(long year, long month, long day, long time) {
    if (day > 31) {
      return NONE;
    }
    return ((year * 100 + month) * 100 + day) * 1_000_000 + time;
  }

  /** {@code 12:34:56} as 123456, -1 if it is none. */
  private static long time(byte[] line, int at) {
    long hour = number(line, at, 2);
    long minute = number(line, at + 3, 2);
    long second = number(line, at + 6, 2);
    if (hour < 0
        || hour > 23
        || minute < 0
        || minute > 59
        || second < 0
        || second > 60
        || line[at + 2] != ':'
        || line[at + 5] != ':') {
      return -1;
    }
    return (hour * 100 + minute) * 100 + second;
  }

  private static long number(byte[] line, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = line[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static int month(byte[] line, int at) {
    for (int i = 0; i < 12; i++) {
      if (line[at] == MONTHS.charAt(3 * i)
          && line[at + 1] == MONTHS.charAt(3 * i + 1)
          && line[at + 2] == MONTHS.charAt(3 * i + 2)) {
        return i + 1;
      }
    }
    return 0;
  }

  /** YYYYMM of digits. */
  static int month(long digits) {
    return (int) (digits / 100_000_000);
  }

  static int day(long digits) {
    return (int) (digits / 1_000_000 % 100);
  }

  static int hour(long digits) {
    return (int) (digits / 10_000 % 100);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.nio.file.Path;

/** The records of a site in one month, on disk in order, and how many there are when. */
final class MonthLog {
  private final Path file;
  private final long[] days = new long[32];
  private final long[] hours = new long[24];
  private long lines;

  MonthLog(Path file) {
    this.file = file;
  }

  /** Counts a line; digits of a line without a date are {@link RecordDate#NONE}. */
  void count(long digits) {
    lines++;
    if (digits != RecordDate.NONE) {
      days[RecordDate.day(digits)]++;
      hours[RecordDate.hour(digits)]++;
    }
  }

  Path file() {
    return file;
  }

  /** All lines, with and without a date. */
  long lines() {
    return lines;
  }

  /** Records of a day of the month, 1 to 31. */
  long day(int day) {
    return days[day];
  }

  /** Records of an hour of the day, 0 to 23, over all days. */
  long hour(int hour) {
    return hours[hour];
  }
}

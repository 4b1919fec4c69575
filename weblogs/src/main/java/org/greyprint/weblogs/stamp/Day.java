// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.time.LocalDate;

/** The date and time of an instant at an offset, for writing it. Remembers the last day. */
final class Day {
  private long epochDay = Long.MIN_VALUE;
  private int year;
  private int month;
  private int day;
  private int secondOfDay;

  void set(long instant, int offset) {
    long local = Math.floorDiv(instant, Civil.SECOND) + offset;
    long days = Math.floorDiv(local, 86_400L);
    secondOfDay = (int) (local - days * 86_400L);
    if (days != epochDay) {
      LocalDate date = LocalDate.ofEpochDay(days);
      epochDay = days;
      year = date.getYear();
      month = date.getMonthValue();
      day = date.getDayOfMonth();
    }
  }

  int year() {
    return year;
  }

  int month() {
    return month;
  }

  int day() {
    return day;
  }

  int secondOfDay() {
    return secondOfDay;
  }
}

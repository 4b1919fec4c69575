// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a month's history file ({@code awstatsMMYYYY.SITE.txt}) holds, as far as a rebuild needs it.
 *
 * @param lastLine digits YYYYMMDDHHMMSS of the newest record AWStats has seen, 0 if the line is
 *     missing or blank (AWStats takes LastTime then)
 * @param lastTime digits of the last page a visitor looked at, 0 if none
 * @param days what visitors looked at, a day
 * @param hours all 24 hours of the day, over the whole month
 * @param continued downloads that went on (status 206): in no hour's hits
 * @param seen what occurs, with the digits of its last time or 0: {@code "VISITOR 192.0.2.1"},
 *     {@code "ROBOT googlebot"}, {@code "SIDER /page"}, {@code "ERRORS 404"}
 * @param faults what is wrong with the file; AWStats does not notice a full disk
 */
record History(
    YearMonth month,
    long lastLine,
    long lastTime,
    SortedMap<LocalDate, Day> days,
    List<Hour> hours,
    long continued,
    Map<String, Long> seen,
    List<String> faults) {

  /** A day of section DAY. */
  record Day(long pages, long hits, long bytes, long visits) {
    static final Day NOTHING = new Day(0, 0, 0, 0);
  }

  /**
   * An hour of section TIME.
   *
   * @param hits of visitors
   * @param others of robots and worms, and those that ended in an error
   */
  record Hour(long hits, long others) {
    /** Records counted, in one way or the other. */
    long records() {
      return hits + others;
    }
  }

  /** The digits up to which AWStats has gone, 0 if it does not know. */
  long reached() {
    return lastLine != 0 ? lastLine : lastTime;
  }

  Day day(LocalDate date) {
    return days.getOrDefault(date, Day.NOTHING);
  }

  long hits() {
    return days.values().stream().mapToLong(Day::hits).sum();
  }

  /** Hits of visitors, by the hours; {@link #hits()} is the same, unless the file is wrong. */
  long viewed() {
    return hours.stream().mapToLong(Hour::hits).sum();
  }

  /** Records counted in any way but continued downloads. */
  long records() {
    return hours.stream().mapToLong(Hour::records).sum();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/** Dates and times as stamps have them, turned into instants. Remembers the last day and hour. */
final class Civil {
  /** No offset was written. */
  static final int NO_OFFSET = Integer.MIN_VALUE;

  /** No year was written. */
  static final int NO_YEAR = Integer.MIN_VALUE;

  static final int FIRST_YEAR = 1678;
  static final int LAST_YEAR = 2261;
  static final long SECOND = 1_000_000_000L;
  private static final int DAY = 86_400;
  private static final int HOUR = 3600;

  private final StampContext context;
  private @Nullable ZoneRules rules;

  /**
   * The latest local time of a stamp without a year, in seconds since 1970 as if it were UTC; once
   * it was asked for.
   */
  private long latestLocal = Stamps.NONE;

  private long last = Stamps.NONE;

  private int year = Integer.MAX_VALUE;
  private int month;
  private int day;
  private long dayStart;

  /** Local times, as if UTC, that have one and the same offset. */
  private long plainFrom = 1;

  private long plainTo;
  private int plainOffset;

  Civil(StampContext context) {
    this.context = context;
  }

  private ZoneRules rules() {
    ZoneRules known = rules;
    if (known == null) {
      known = context.zone().get().getRules();
      rules = known;
    }
    return known;
  }

  private long latestLocal() {
    if (latestLocal == Stamps.NONE) {
      ZoneOffset offset = rules().getOffset(context.written());
      latestLocal = context.written().getEpochSecond() + offset.getTotalSeconds() + DAY;
    }
    return latestLocal;
  }

  void resume(long instant) {
    last = instant;
  }

  /**
   * The instant of a date and time.
   *
   * @param y 1678 to 2261, or {@link #NO_YEAR}
   * @param secondOfDay 0 to 86400 (a leap second is the first of the next day)
   * @param offset seconds east of Greenwich, or {@link #NO_OFFSET}
   * @return nanoseconds since 1970, or {@link Stamps#NONE} where there is no such day
   */
  long instant(int y, int m, int d, int secondOfDay, int nanos, int offset) {
    if (y != year || m != month || d != day) {
      if (!start(y, m, d, secondOfDay)) {
        return Stamps.NONE;
      }
    }
    long local = dayStart + secondOfDay;
    long second = local - (offset == NO_OFFSET ? offsetAt(local) : offset);
    last = second * SECOND + nanos;
    return last;
  }

  /** Remembers what was decided without this class's help, for what comes next. */
  void seen(long instant) {
    last = instant;
  }

  private boolean start(int y, int m, int d, int secondOfDay) {
    year = Integer.MAX_VALUE;
    if (m < 1 || m > 12 || d < 1 || d > 31) {
      return false;
    }
    boolean remember = true;
    if (y != NO_YEAR) {
      if (y < FIRST_YEAR || y > LAST_YEAR || d > days(y, m)) {
        return false;
      }
      dayStart = LocalDate.of(y, m, d).toEpochDay() * DAY;
    } else {
      long latest = latestLocal();
      int candidate = LocalDate.ofEpochDay(Math.floorDiv(latest, DAY)).getYear();
      // The 29th of February may be eight years back (1896, 1904).
      int least = candidate - 8;
      while (true) {
        if (candidate < FIRST_YEAR || candidate > LAST_YEAR || candidate < least) {
          return false;
        }
        if (d <= days(candidate, m)) {
          dayStart = LocalDate.of(candidate, m, d).toEpochDay() * DAY;
          // Part of the last day is of the year before: such a day is not remembered.
          remember &= dayStart > latest || dayStart + DAY <= latest;
          if (dayStart + secondOfDay <= latest) {
            break;
          }
        }
        candidate--;
      }
    }
    if (remember) {
      year = y;
    }
    month = m;
    day = d;
    return true;
  }

  private static int days(int y, int m) {
    return switch (m) {
      case 2 -> (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  private int offsetAt(long local) {
    if (local >= plainFrom && local <= plainTo) {
      return plainOffset;
    }
    LocalDateTime time = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC);
    ZoneOffsetTransition change = rules().getTransition(time);
    if (change == null) {
      int offset = rules().getOffset(time).getTotalSeconds();
      long hour = Math.floorDiv(local, HOUR) * HOUR;
      if (plain(hour, offset) && plain(hour + HOUR - 1, offset)) {
        plainFrom = hour;
        plainTo = hour + HOUR - 1;
        plainOffset = offset;
      }
      return offset;
    }
    int before = change.getOffsetBefore().getTotalSeconds();
    if (change.isGap() || last == Stamps.NONE) {
      // A time that no clock showed: as if the clock had not been put forward yet.
      return before;
    }
    // A time that was twice: the first, unless that would go back in the log by more than half of
    // what the second would go forward, because logs go forward but for a few late lines.
    int after = change.getOffsetAfter().getTotalSeconds();
    long previous = Math.floorDiv(last, SECOND);
    long back = previous - (local - before);
    long forward = local - after - previous;
    return back <= 0 || 2 * back <= forward ? before : after;
  }

  private boolean plain(long local, int offset) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC);
    return rules().getTransition(time) == null
        && rules().getOffset(time).getTotalSeconds() == offset;
  }
}

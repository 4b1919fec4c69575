// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * {@code [28/Jun/2012:12:00:00 +0200]}, the stamp of the common log format and of what came from
 * it.
 *
 * <p>A user's name may hold spaces, brackets and even a forged stamp, but no quote that is not
 * escaped: so the stamp is the first one that the quoted request follows, and only where there is
 * none such the first in brackets. Whatever stands after the request (an address, an agent) is
 * never taken for the time.
 */
final class ClfStamps implements Stamps {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** The first seven octets of a word. */
  private static final long SEVEN = -1L >>> 8;

  /** dd/Mon/yyyy:HH:MM:SS +hhmm. */
  private static final int LENGTH = 26;

  private final Civil civil;
  private final Day written = new Day();
  private int start;

  // The stamp that was parsed last, but for its minute and second: the words "dd/Mon/y", "yyy:HH:"
  // and " +hhmm] ", with the instant at which its hour began.
  private long head0;
  private long head1;
  private long tail;
  private long hour = NONE;

  ClfStamps(StampContext context) {
    civil = new Civil(context);
  }

  @Override
  public long find(byte[] line, int from, int to) {
    int fallback = -1;
    long fallbackInstant = NONE;
    int limit = Math.min(to, from + REACH) - LENGTH - 1;
    for (int i = Text.first('[', line, from, limit);
        i < limit;
        i = Text.first('[', line, i + 1, limit)) {
      if (line[i + LENGTH + 1] != ']') {
        continue;
      }
      long instant = at(line, i + 1, to);
      if (instant == NONE) {
        continue;
      }
      if (i + LENGTH + 3 < to && line[i + LENGTH + 2] == ' ' && line[i + LENGTH + 3] == '"') {
        start = i + 1;
        return instant;
      }
      if (fallback < 0) {
        fallback = i + 1;
        fallbackInstant = instant;
      }
    }
    if (fallback >= 0) {
      start = fallback;
    }
    return fallbackInstant;
  }

  private long at(byte[] line, int at, int to) {
    if (at + LENGTH + 2 <= to
        && (long) LONG.get(line, at) == head0
        && ((long) LONG.get(line, at + 8) & SEVEN) == head1
        && (long) LONG.get(line, at + 20) == tail
        && line[at + 17] == ':'
        && hour != NONE) {
      int minute = sixtieth(line[at + 15], line[at + 16]);
      int second = sixtieth(line[at + 18], line[at + 19]);
      if (minute >= 0 && second >= 0) {
        return hour + (minute * 60 + second) * Civil.SECOND;
      }
    }
    return parse(line, at, to);
  }

  /** 0 to 59, or a number below 0. */
  private static int sixtieth(byte high, byte low) {
    int tens = high - '0';
    int ones = low - '0';
    return tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
  }

  private long parse(byte[] line, int at, int to) {
    if (line[at + 2] != '/'
        || line[at + 6] != '/'
        || line[at + 11] != ':'
        || line[at + 20] != ' ') {
      return NONE;
    }
    int day = Text.digits(line, at, 2);
    int month = Text.month(line, at + 3);
    int year = Text.digits(line, at + 7, 4);
    int clock = Text.clock(line, at + 12);
    int offset = Text.offset(line, at + 21);
    if (day < 0 || month == 0 || year < 0 || clock < 0 || offset == Civil.NO_OFFSET) {
      return NONE;
    }
    long instant = civil.instant(year, month, day, clock, 0, offset);
    if (instant != NONE && at + LENGTH + 2 <= to) {
      head0 = (long) LONG.get(line, at);
      head1 = (long) LONG.get(line, at + 8) & SEVEN;
      tail = (long) LONG.get(line, at + 20);
      // Of the digits and not of the clock: a leap second is one of the next minute, maybe hour.
      int minutes = Text.digits(line, at + 15, 2);
      hour = instant - (minutes * 60 + Text.digits(line, at + 18, 2)) * Civil.SECOND;
    }
    return instant;
  }

  @Override
  public int start() {
    return start;
  }

  @Override
  public int end() {
    return start + LENGTH;
  }

  @Override
  public int write(long instant, int offset, byte[] line, byte[] target, int at) {
    written.set(instant, offset);
    int next = Text.put(target, at, written.day(), 2);
    target[next++] = '/';
    next = Text.putMonth(target, next, written.month());
    target[next++] = '/';
    next = Text.put(target, next, written.year(), 4);
    target[next++] = ':';
    next = Text.putClock(target, next, written.secondOfDay());
    target[next++] = ' ';
    return Text.putOffset(target, next, offset, false);
  }

  @Override
  public void resume(long last) {
    civil.resume(last);
  }
}

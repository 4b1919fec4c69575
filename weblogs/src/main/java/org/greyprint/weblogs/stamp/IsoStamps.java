// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

/**
 * Stamps of ISO 8601 and RFC 3339: {@code 2012-06-28T12:00:00.123456+02:00}, with a {@code T} or a
 * space, with or without a fraction (after a dot or a comma, nine digits count), and an offset
 * {@code Z}, {@code +02:00}, {@code +0200}, {@code +02} or none.
 *
 * <p>The stamp stands at the start of the line (after a {@code <PRI>} where there is one) or after
 * the line's first {@code [}; in RFC 5424 after {@code <PRI>VERSION}. Nowhere else: an agent or an
 * address may hold a date too.
 */
final class IsoStamps implements Stamps {
  /** yyyy-mm-ddTHH:MM:SS. */
  private static final int LENGTH = 19;

  private final Civil civil;
  private final boolean rfc5424;
  private final Day written = new Day();
  private int start;
  private int end;
  private int fractionEnd;

  IsoStamps(StampContext context, boolean rfc5424) {
    civil = new Civil(context);
    this.rfc5424 = rfc5424;
  }

  @Override
  public long find(byte[] line, int from, int to) {
    int at = SyslogStamps.priority(line, from, to);
    if (rfc5424) {
      // VERSION is a number of one to three digits that does not begin with 0 (section 6).
      int version = at;
      while (at < to && at < version + 3 && Text.digit(line[at])) {
        at++;
      }
      if (version == from || at == version || line[version] == '0' || at == to || line[at] != ' ') {
        return NONE;
      }
      return at(line, at + 1, to);
    }
    long instant = at(line, at, to);
    if (instant != NONE) {
      return instant;
    }
    int limit = Math.min(to, from + REACH) - LENGTH;
    for (int i = at; i < limit; i++) {
      if (line[i] == '[') {
        return at(line, i + 1, to);
      }
    }
    return NONE;
  }

  private long at(byte[] line, int at, int to) {
    if (at + LENGTH > to
        || line[at + 4] != '-'
        || line[at + 7] != '-'
        || line[at + 10] != 'T' && line[at + 10] != ' ' && line[at + 10] != 't') {
      return NONE;
    }
    int year = Text.digits(line, at, 4);
    int month = Text.digits(line, at + 5, 2);
    int day = Text.digits(line, at + 8, 2);
    int clock = Text.clock(line, at + 11);
    if (year < 0 || month < 0 || day < 0 || clock < 0) {
      return NONE;
    }
    int next = at + LENGTH;
    int nanos = 0;
    if (next + 1 < to && (line[next] == '.' || line[next] == ',') && Text.digit(line[next + 1])) {
      next++;
      for (int unit = 100_000_000; next < to && Text.digit(line[next]); next++, unit /= 10) {
        nanos += (line[next] - '0') * unit;
      }
    }
    int afterFraction = next;
    int offset = Civil.NO_OFFSET;
    if (next < to && (line[next] == 'Z' || line[next] == 'z')) {
      offset = 0;
      next++;
    } else {
      int length = offsetLength(line, next, to);
      if (length > 0) {
        int hours = Text.digits(line, next + 1, 2);
        int minutes = length == 3 ? 0 : Text.digits(line, next + length - 2, 2);
        if (hours > 23 || minutes > 59) {
          return NONE;
        }
        offset = (hours * 60 + minutes) * 60 * (line[next] == '-' ? -1 : 1);
        next += length;
      }
    }
    if (next < to && Text.digit(line[next])) {
      return NONE;
    }
    long instant = civil.instant(year, month, day, clock, nanos, offset);
    if (instant != NONE) {
      start = at;
      fractionEnd = afterFraction;
      end = next;
    }
    return instant;
  }

  /** 3 for +hh, 5 for +hhmm, 6 for +hh:mm, 0 for what is no offset. */
  private static int offsetLength(byte[] line, int at, int to) {
    if (at + 3 > to || line[at] != '+' && line[at] != '-' || Text.digits(line, at + 1, 2) < 0) {
      return 0;
    }
    if (at + 6 <= to && line[at + 3] == ':' && Text.digits(line, at + 4, 2) >= 0) {
      return 6;
    }
    return at + 5 <= to && Text.digits(line, at + 3, 2) >= 0 ? 5 : 3;
  }

  @Override
  public int start() {
    return start;
  }

  @Override
  public int end() {
    return end;
  }

  @Override
  public int write(long instant, int offset, byte[] line, byte[] target, int at) {
    written.set(instant, offset);
    int next = Text.put(target, at, written.year(), 4);
    target[next++] = '-';
    next = Text.put(target, next, written.month(), 2);
    target[next++] = '-';
    next = Text.put(target, next, written.day(), 2);
    target[next++] = line[start + 10];
    next = Text.putClock(target, next, written.secondOfDay());
    for (int i = start + LENGTH; i < fractionEnd; i++) {
      target[next++] = line[i];
    }
    if (end == fractionEnd) {
      return next;
    }
    if (end - fractionEnd == 1 && offset == 0) {
      target[next++] = line[fractionEnd];
      return next;
    }
    return Text.putOffset(target, next, offset, end - fractionEnd != 5);
  }

  @Override
  public void resume(long last) {
    civil.resume(last);
  }
}

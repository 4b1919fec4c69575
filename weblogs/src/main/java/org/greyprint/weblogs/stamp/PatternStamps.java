// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.time.LocalDate;
import java.time.Year;
import java.util.List;

/**
 * Stamps in a user's own layout, in the notation of strftime.
 *
 * <p>{@code %Y} year, {@code %m} month of two digits, {@code %b} its three English letters, {@code
 * %d} day of two digits, {@code %e} day of one or two (a space before one), {@code %j} day of the
 * year, {@code %H} hour, {@code %I} hour of 1 to 12 with {@code %p} AM or PM, {@code %M} minute,
 * {@code %S} second, {@code %f} digits of a second's fraction, {@code %z} offset (+0200, +02:00 or
 * Z), {@code %s} seconds since 1970, {@code %T} = {@code %H:%M:%S}, {@code %F} = {@code %Y-%m-%d},
 * {@code %%} a percent sign. All else stands for itself. A pattern is looked for from the start of
 * the line on and the first place where all of it fits counts; after {@code ^} it must be the start
 * of the line.
 *
 * <p>Without {@code %Y} the year comes from the file's time, as with syslog; without {@code %z} the
 * offset comes from the zone of the {@link StampContext}.
 */
final class PatternStamps implements Stamps {
  private final Pattern pattern;
  private final List<Pattern.Part> parts;
  private final Civil civil;
  private final Day written = new Day();
  private int start;
  private int end;

  // What the place tried last said.
  private int year;
  private int month;
  private int day;
  private int dayOfYear;
  private int hour;
  private int half;
  private int minute;
  private int second;
  private int nanos;
  private int offset;
  private long epoch;

  PatternStamps(Pattern pattern, StampContext context) {
    this.pattern = pattern;
    parts = pattern.parts();
    civil = new Civil(context);
  }

  @Override
  public long find(byte[] line, int from, int to) {
    int limit = pattern.anchored() ? from + 1 : Math.min(to, from + REACH);
    for (int i = from; i < limit && i < to; i++) {
      int after = match(line, i, to);
      if (after >= 0) {
        long instant = instant();
        if (instant != NONE) {
          start = i;
          end = after;
          return instant;
        }
      }
    }
    return NONE;
  }

  private int match(byte[] line, int from, int to) {
    year = Civil.NO_YEAR;
    month = day = dayOfYear = hour = minute = second = nanos = 0;
    half = -1;
    offset = Civil.NO_OFFSET;
    epoch = NONE;
    int at = from;
    for (int i = 0; i < parts.size() && at >= 0; i++) {
      Pattern.Part part = parts.get(i);
      if (part.directive() == 0) {
        at = at < to && line[at] == part.literal() ? at + 1 : -1;
      } else {
        at = directive(part.directive(), line, at, to);
      }
    }
    return at;
  }

  /** Reads what a directive stands for; gives the place after it, or -1. */
  private int directive(char letter, byte[] line, int at, int to) {
    switch (letter) {
      case 'Y' -> year = number(line, at, to, 4, 0, 9999);
      case 'm' -> month = number(line, at, to, 2, 1, 12);
      case 'd' -> day = number(line, at, to, 2, 1, 31);
      case 'j' -> dayOfYear = number(line, at, to, 3, 1, 366);
      case 'H' -> hour = number(line, at, to, 2, 0, 23);
      case 'I' -> hour = number(line, at, to, 2, 1, 12);
      case 'M' -> minute = number(line, at, to, 2, 0, 59);
      case 'S' -> second = number(line, at, to, 2, 0, 60);
      case 'b' -> {
        month = at + 3 <= to ? Text.month(line, at) : 0;
        return month == 0 ? -1 : at + 3;
      }
      case 'e' -> {
        return shortDay(line, at, to);
      }
      case 'p' -> {
        return half(line, at, to);
      }
      case 'z' -> {
        return zone(line, at, to);
      }
      case 'f' -> {
        return fraction(line, at, to);
      }
      case 's' -> {
        return epoch(line, at, to);
      }
      default -> throw new IllegalStateException("directive " + letter);
    }
    return parsed < 0 ? -1 : at + parsedLength;
  }

  private int parsed;
  private int parsedLength;

  private int number(byte[] line, int at, int to, int digits, int least, int most) {
    parsedLength = digits;
    parsed = at + digits <= to ? Text.digits(line, at, digits) : -1;
    if (parsed < least || parsed > most) {
      parsed = -1;
    }
    return parsed;
  }

  private int shortDay(byte[] line, int at, int to) {
    int from = at < to && line[at] == ' ' ? at + 1 : at;
    int count = from == at && at + 2 <= to && Text.digits(line, at, 2) >= 0 ? 2 : 1;
    day = from + count <= to ? Text.digits(line, from, count) : -1;
    return day < 1 || day > 31 ? -1 : from + count;
  }

  private int half(byte[] line, int at, int to) {
    if (at + 2 > to || (line[at + 1] | 0x20) != 'm') {
      return -1;
    }
    half = (line[at] | 0x20) == 'a' ? 0 : (line[at] | 0x20) == 'p' ? 12 : -1;
    return half < 0 ? -1 : at + 2;
  }

  private int zone(byte[] line, int at, int to) {
    if (at < to && line[at] == 'Z') {
      offset = 0;
      return at + 1;
    }
    if (at + 6 <= to && line[at + 3] == ':') {
      int hours = Text.digits(line, at + 1, 2);
      int minutes = Text.digits(line, at + 4, 2);
      if ((line[at] != '+' && line[at] != '-')
          || hours < 0
          || hours > 23
          || minutes < 0
          || minutes > 59) {
        return -1;
      }
      offset = (hours * 60 + minutes) * (line[at] == '-' ? -60 : 60);
      return at + 6;
    }
    offset = at + 5 <= to ? Text.offset(line, at) : Civil.NO_OFFSET;
    return offset == Civil.NO_OFFSET ? -1 : at + 5;
  }

  private int fraction(byte[] line, int at, int to) {
    nanos = 0;
    int next = at;
    for (int unit = 100_000_000; next < to && Text.digit(line[next]); next++, unit /= 10) {
      nanos += (line[next] - '0') * unit;
    }
    return next == at ? -1 : next;
  }

  private int epoch(byte[] line, int at, int to) {
    long value = 0;
    int next = at;
    while (next < to && next < at + 11 && Text.digit(line[next])) {
      value = value * 10 + line[next++] - '0';
    }
    // The range of the other stamps: up to the year 2261.
    if (next == at || value > 9_214_646_399L || next < to && Text.digit(line[next])) {
      return -1;
    }
    epoch = value;
    return next;
  }

  private long instant() {
    if (epoch != NONE) {
      long instant = epoch * Civil.SECOND + nanos;
      civil.seen(instant);
      return instant;
    }
    if (dayOfYear > 0 && month == 0) {
      if (year < Civil.FIRST_YEAR || year > Civil.LAST_YEAR || dayOfYear > Year.of(year).length()) {
        return NONE;
      }
      LocalDate date = LocalDate.ofYearDay(year, dayOfYear);
      month = date.getMonthValue();
      day = date.getDayOfMonth();
    }
    int hours = half < 0 ? hour : hour % 12 + half;
    return civil.instant(year, month, day, hours * 3600 + minute * 60 + second, nanos, offset);
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
  public int longest() {
    return end - start + 16 * parts.size();
  }

  @Override
  public int write(long instant, int offsetSeconds, byte[] line, byte[] target, int at) {
    written.set(instant, offsetSeconds);
    int from = start;
    int next = at;
    for (Pattern.Part part : parts) {
      int after = part.directive() == 0 ? from + 1 : directive(part.directive(), line, from, end);
      next = part(part, instant, offsetSeconds, line, from, after, target, next);
      from = after;
    }
    return next;
  }

  private int part(
      Pattern.Part part,
      long instant,
      int offsetSeconds,
      byte[] line,
      int from,
      int after,
      byte[] target,
      int at) {
    int clock = written.secondOfDay();
    int next = at;
    switch (part.directive()) {
      case 'Y' -> next = Text.put(target, at, written.year(), 4);
      case 'm' -> next = Text.put(target, at, written.month(), 2);
      case 'b' -> next = Text.putMonth(target, at, written.month());
      case 'd' -> next = Text.put(target, at, written.day(), 2);
      case 'j' -> {
        LocalDate date = LocalDate.of(written.year(), written.month(), written.day());
        next = Text.put(target, at, date.getDayOfYear(), 3);
      }
      case 'e' -> {
        if (written.day() >= 10) {
          next = Text.put(target, at, written.day(), 2);
        } else {
          if (after - from == 2) {
            target[next++] = ' ';
          }
          next = Text.put(target, next, written.day(), 1);
        }
      }
      case 'H' -> next = Text.put(target, at, clock / 3600, 2);
      case 'I' -> next = Text.put(target, at, (clock / 3600 + 11) % 12 + 1, 2);
      case 'p' -> {
        int lower = line[from] & 0x20;
        target[next++] = (byte) ((clock >= 43_200 ? 'P' : 'A') | lower);
        target[next++] = (byte) ('M' | lower);
      }
      case 'M' -> next = Text.put(target, at, clock / 60 % 60, 2);
      case 'S' -> next = Text.put(target, at, clock % 60, 2);
      case 'z' -> {
        if (line[from] == 'Z' && offsetSeconds == 0) {
          target[next++] = 'Z';
        } else {
          next = Text.putOffset(target, at, offsetSeconds, after - from != 5);
        }
      }
      default -> {
        // Literals, fractions and seconds since 1970 are the same at every offset.
        for (int i = from; i < after; i++) {
          target[next++] = line[i];
        }
      }
    }
    return next;
  }

  @Override
  public void resume(long last) {
    civil.resume(last);
  }
}

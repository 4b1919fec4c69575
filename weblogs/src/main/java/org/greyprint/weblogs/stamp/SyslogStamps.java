// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

/**
 * {@code Jun 28 12:00:00}, the stamp of BSD syslog (RFC 3164, section 4.1.2), after a {@code <PRI>}
 * where there is one. It has no year and no offset: the year comes from the time the source was
 * last written to, the offset from the zone of the {@link StampContext}.
 */
final class SyslogStamps implements Stamps {
  /** Mmm dd HH:MM:SS. */
  private static final int LENGTH = 15;

  private final Civil civil;
  private final Day written = new Day();
  private int start;

  SyslogStamps(StampContext context) {
    civil = new Civil(context);
  }

  @Override
  public long find(byte[] line, int from, int to) {
    int at = priority(line, from, to);
    if (at + LENGTH > to
        || line[at + 3] != ' '
        || line[at + 6] != ' '
        || at + LENGTH < to && line[at + LENGTH] > ' ') {
      return NONE;
    }
    int month = Text.month(line, at);
    int day = line[at + 4] == ' ' ? Text.digits(line, at + 5, 1) : Text.digits(line, at + 4, 2);
    int clock = Text.clock(line, at + 7);
    if (month == 0 || day < 0 || clock < 0) {
      return NONE;
    }
    long instant = civil.instant(Civil.NO_YEAR, month, day, clock, 0, Civil.NO_OFFSET);
    if (instant != NONE) {
      start = at;
    }
    return instant;
  }

  /** The place after {@code <PRI>}, or the line's beginning. */
  static int priority(byte[] line, int from, int to) {
    if (from < to && line[from] == '<') {
      int at = from + 1;
      while (at < to && at <= from + 3 && Text.digit(line[at])) {
        at++;
      }
      if (at > from + 1 && at < to && line[at] == '>') {
        return at + 1;
      }
    }
    return from;
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
    int next = Text.putMonth(target, at, written.month());
    target[next++] = ' ';
    if (written.day() < 10 && line[start + 4] != '0') {
      target[next++] = ' ';
      next = Text.put(target, next, written.day(), 1);
    } else {
      next = Text.put(target, next, written.day(), 2);
    }
    target[next++] = ' ';
    return Text.putClock(target, next, written.secondOfDay());
  }

  @Override
  public void resume(long last) {
    civil.resume(last);
  }
}

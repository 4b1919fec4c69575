// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.util.Optional;

/** Tells a source's format from its first lines. */
public final class FormatDetection {
  /** So many lines are looked at, from the first one with a date on. */
  private static final int LINES = 500;

  /** A format that gives so many lines a date, from the first one on, is the one. */
  private static final int ENOUGH = 50;

  private FormatDetection() {}

  /**
   * The format that gives most of the lines a date, or empty where none gives any. (The first that
   * gives one to each of the first fifty, without a look at the others.)
   *
   * <p>A log in the common format is told to be {@code vhost_combined} where more of its lines have
   * an address in their second field than in their first, or four fields and not three before the
   * date.
   *
   * @param sample the beginning of the source
   * @param to how many octets of it count; a line cut by that is looked at only where it is alone
   *     or long enough to hold its date
   */
  public static Optional<LogFormat> detect(byte[] sample, int to, StampContext context) {
    Optional<LogFormat> best = Optional.empty();
    int most = 0;
    for (LogFormat format : LogFormat.KNOWN) {
      if (most == LINES) {
        // No format can have more.
        break;
      }
      int score = score(format, sample, to, context);
      if (score > most) {
        most = score;
        best = Optional.of(format);
      }
    }
    return best;
  }

  private static int score(LogFormat format, byte[] sample, int to, StampContext context) {
    Stamps stamps = format.stamps(context);
    int dated = 0;
    int lines = 0;
    int undated = 0;
    int from = 0;
    while (from < to && lines - undated < LINES) {
      int end = Text.first('\n', sample, from, to);
      if (end == to && lines > 0 && end - from < Stamps.REACH) {
        break;
      }
      lines++;
      if (stamps.find(sample, from, end) != Stamps.NONE && fits(format, sample, from, stamps)) {
        dated++;
        if (dated == ENOUGH && lines == ENOUGH) {
          return LINES;
        }
      } else if (dated == 0) {
        undated++;
      }
      from = end + 1;
    }
    return dated;
  }

  /** Of the formats that share a stamp, which one a line is of. */
  private static boolean fits(LogFormat format, byte[] line, int from, Stamps stamps) {
    return switch (format.kind()) {
      case VHOST_COMBINED -> virtualHost(line, from, stamps.start() - 1);
      case COMBINED, CLF -> !virtualHost(line, from, stamps.start() - 1);
      default -> true;
    };
  }

  /** Whether the fields before a date, from an octet to the bracket, are host, address and two. */
  private static boolean virtualHost(byte[] line, int from, int bracket) {
    int fields = 0;
    int second = -1;
    for (int i = from; i < bracket; i++) {
      if (line[i] == ' ') {
        fields++;
        if (fields == 1) {
          second = i + 1;
        }
      }
    }
    if (fields < 4) {
      return false;
    }
    // A user's name may have spaces: then a common log has as many fields, but a user for address.
    return address(line, second, bracket) || fields == 4 && line[second] != '-';
  }

  private static boolean address(byte[] line, int from, int to) {
    int dots = 0;
    int colons = 0;
    int i = from;
    for (; i < to && line[i] != ' '; i++) {
      byte octet = line[i];
      boolean hex = Text.digit(octet) || (octet | 0x20) >= 'a' && (octet | 0x20) <= 'f';
      if (octet == '.') {
        dots++;
      } else if (octet == ':') {
        colons++;
      } else if (!hex) {
        return false;
      }
    }
    return i > from && (dots == 3 || colons >= 2);
  }
}

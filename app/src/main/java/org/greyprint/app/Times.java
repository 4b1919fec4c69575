// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write and read them. */
final class Times {
  private static final Pattern AGE = Pattern.compile("(\\d{1,9})\\s*(s|m|h|d|w)");

  private Times() {}

  /** A time such as 24h or 7d before now, or a date or time in ISO 8601 (UTC). */
  static Optional<Instant> since(String text, Instant now) {
    Matcher age = AGE.matcher(text.strip());
    if (age.matches()) {
      long count = Long.parseLong(age.group(1));
      Duration unit =
          switch (age.group(2)) {
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            case "d" -> Duration.ofDays(1);
            default -> Duration.ofDays(7);
          };
      return Optional.of(now.minus(unit.multipliedBy(count)));
    }
    try {
      return Optional.of(
          text.contains("T")
              ? Instant.parse(text)
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** 2026-01-31 12:00:00 UTC. (A formatter takes longer to make than a short command runs.) */
  static String text(Instant time) {
    LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
    return utc.toLocalDate()
        + " "
        + twoDigits(utc.getHour())
        + ":"
        + twoDigits(utc.getMinute())
        + ":"
        + twoDigits(utc.getSecond())
        + " UTC";
  }

  static String twoDigits(int number) {
    return number < 10 ? "0" + number : String.valueOf(number);
  }

  /** 45 s, 5 min 36 s, 2 h 5 min, 3 d 4 h. */
  static String text(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return two(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86_400) {
      return two(seconds / 3600, "h", seconds % 3600 / 60, "min");
    }
    return two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
  }

  private static String two(long high, String highUnit, long low, String lowUnit) {
    return high + " " + highUnit + (low == 0 ? "" : " " + low + " " + lowUnit);
  }
}

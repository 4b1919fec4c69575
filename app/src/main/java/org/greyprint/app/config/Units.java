// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as people write them. */
public final class Units {
  private static final Pattern OCTETS = Pattern.compile("(\\d{1,12})([kKMG]?)");
  private static final Map<String, Long> MILLIS =
      Map.of(
          "ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L, "w", 604_800_000L);

  private Units() {}

  /**
   * A time: {@code 250ms}, {@code 5m}, {@code 1h30m}, {@code 2d}; {@code 0} needs no unit.
   *
   * @return empty if it is none, or longer than a hundred years
   */
  public static Optional<Duration> duration(String text) {
    if (text.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    double nanos = 0;
    int at = 0;
    while (at < text.length()) {
      int unit = at;
      while (unit < text.length() && (digit(text.charAt(unit)) || text.charAt(unit) == '.')) {
        unit++;
      }
      int end = unit;
      while (end < text.length() && Character.isLowerCase(text.charAt(end))) {
        end++;
      }
      String number = text.substring(at, unit);
      Long millis = MILLIS.get(text.substring(unit, end));
      if (millis == null || !number(number)) {
        return Optional.empty();
      }
      nanos += Double.parseDouble(number) * millis * 1e6;
      at = end;
    }
    return at == 0 || nanos > 3.2e18
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.round(nanos)));
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Digits, perhaps with a point between them. */
  private static boolean number(String text) {
    int point = text.indexOf('.');
    return !text.isEmpty()
        && text.length() <= 15
        && point == text.lastIndexOf('.')
        && point != 0
        && point != text.length() - 1;
  }

  /** The time in the fewest whole units: 250ms, 90s, 5m, 2d. */
  public static String text(Duration time) {
    long millis = time.toMillis();
    if (millis == 0) {
      return "0";
    }
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      long size = MILLIS.getOrDefault(unit, 1L);
      if (millis % size == 0) {
        return millis / size + unit;
      }
    }
    return millis + "ms";
  }

  /** Octets: {@code 1000}, {@code 64k}, {@code 50M}, {@code 1G}, by powers of 1024. */
  public static Optional<Long> octets(String text) {
    Matcher matcher = OCTETS.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int shift =
        switch (matcher.group(2)) {
          case "k", "K" -> 10;
          case "M" -> 20;
          case "G" -> 30;
          default -> 0;
        };
    return Optional.of(Long.parseLong(matcher.group(1)) << shift);
  }

  /** The octets with the largest unit that leaves a whole number. */
  public static String octets(long count) {
    if (count >= 1L << 30 && count % (1L << 30) == 0) {
      return (count >> 30) + "G";
    }
    if (count >= 1 << 20 && count % (1 << 20) == 0) {
      return (count >> 20) + "M";
    }
    return count >= 1024 && count % 1024 == 0 ? (count >> 10) + "k" : Long.toString(count);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Lines of combined logs, as visitors, robots and errors make them. */
final class WebLog {
  static final String BROWSER =
      "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0";
  static final String ROBOT = "Googlebot/2.1 (+http://www.google.com/bot.html)";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss", Locale.ENGLISH);

  private WebLog() {}

  /** A line and when it is of. */
  record Line(LocalDateTime time, String text) {}

  static String line(String host, LocalDateTime time, String url, int status, String agent) {
    return "%s - - [%s +0000] \"GET %s HTTP/1.1\" %d %d \"-\" \"%s\""
        .formatted(host, STAMP.format(time), url, status, 100 + url.length(), agent);
  }

  /**
   * What a server logs from a time on: visits of several pages, with pictures, robots, errors and
   * downloads between.
   */
  static List<Line> server(long seed, LocalDateTime from, int days, int visitsPerDay) {
    Random random = new Random(seed);
    List<Line> lines = new ArrayList<>();
    for (int day = 0; day < days; day++) {
      for (int visit = 0; visit < visitsPerDay; visit++) {
        LocalDateTime time = from.plusDays(day).plusSeconds(random.nextInt(86_400));
        String host = "10.%d.0.%d".formatted(random.nextInt(3), 1 + random.nextInt(40));
        int kind = random.nextInt(10);
        int pages = kind == 0 ? 1 : 1 + random.nextInt(5);
        for (int page = 0; page < pages; page++) {
          String agent = kind == 0 ? ROBOT : BROWSER;
          lines.add(
              new Line(
                  time, line(host, time, "/page-" + random.nextInt(20) + ".html", 200, agent)));
          lines.add(new Line(time, line(host, time, "/logo.png", 200, agent)));
          if (random.nextInt(8) == 0) {
            lines.add(new Line(time, line(host, time, "/gone.html", 404, agent)));
          }
          if (random.nextInt(8) == 0) {
            int status = random.nextBoolean() ? 206 : 200;
            lines.add(new Line(time, line(host, time, "/file.zip", status, agent)));
          }
          time = time.plusSeconds(1 + random.nextInt(600));
        }
      }
    }
    return lines;
  }

  /** A line with its time read again. */
  static Line parsed(String text) {
    String stamp = text.substring(text.indexOf('[') + 1, text.indexOf(" +"));
    return new Line(LocalDateTime.parse(stamp, STAMP), text);
  }

  /** The texts in order of time; equal times as they came. */
  static List<String> sorted(List<Line> lines) {
    return lines.stream().sorted(Comparator.comparing(Line::time)).map(Line::text).toList();
  }

  @SafeVarargs
  static List<Line> together(List<Line>... servers) {
    List<Line> all = new ArrayList<>();
    for (List<Line> server : servers) {
      all.addAll(server);
    }
    return all;
  }
}

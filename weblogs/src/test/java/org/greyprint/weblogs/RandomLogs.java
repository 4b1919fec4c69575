// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Draws sets of logs. Each line's instant is known from the drawing and not from reading it, so
 * what a merge gives can be compared with a plain stable sort.
 */
final class RandomLogs {
  static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
  static final Instant WRITTEN = Instant.parse("2012-11-05T12:00:00Z");

  /** A line with its end, and when it is of; an undated one is of the line before it. */
  record Line(long instant, byte[] text) {}

  /** A log as it stands in a file. */
  record Log(List<Line> lines, byte[] text) {}

  enum Layout {
    CLF("dd/MMM/yyyy:HH:mm:ss xx"),
    COMBINED("dd/MMM/yyyy:HH:mm:ss xx"),
    VHOST_COMBINED("dd/MMM/yyyy:HH:mm:ss xx"),
    SYSLOG("MMM ppd HH:mm:ss"),
    RFC5424("yyyy-MM-dd'T'HH:mm:ss.SSSSSSxxx"),
    ISO("yyyy-MM-dd HH:mm:ss,SSSX");

    final DateTimeFormatter formatter;

    Layout(String pattern) {
      formatter = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
    }
  }

  private static final int[] OFFSETS = {0, 3600, 7200, -18_000, 19_800, 45_900, -12_600};
  private static final Instant[] TIMES = {
    Instant.parse("2012-10-28T00:30:00Z"), // the clocks go back at 01:00
    Instant.parse("2012-03-25T00:30:00Z"), // the clocks go forward at 01:00
    Instant.parse("2011-12-31T22:45:00Z"), // the year turns at 23:00 in Berlin, at 24:00 in UTC
    Instant.parse("2012-02-28T22:30:00Z"),
    Instant.parse("2012-06-28T12:00:00Z")
  };

  private final Random random;

  RandomLogs(Random random) {
    this.random = random;
  }

  List<Log> draw(boolean longLines) {
    List<Log> logs = new ArrayList<>();
    int files = random.nextInt(9);
    Instant start = TIMES[random.nextInt(TIMES.length)];
    for (int i = 0; i < files; i++) {
      logs.add(log(start, longLines));
    }
    return logs;
  }

  private Log log(Instant start, boolean longLines) {
    Layout layout = Layout.values()[random.nextInt(Layout.values().length)];
    int lines = random.nextInt(10) == 0 ? 0 : random.nextInt(1 + (1 << random.nextInt(9)));
    int disorder = random.nextInt(4);
    boolean crlf = random.nextInt(4) == 0;
    int offset = OFFSETS[random.nextInt(OFFSETS.length)];
    int undated = random.nextInt(3) == 0 ? 3 : 20;
    long second = start.getEpochSecond();
    List<Line> drawn = new ArrayList<>();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    long current = Long.MIN_VALUE;
    for (int i = 0; i < lines; i++) {
      byte[] line;
      if (random.nextInt(undated) == 0) {
        line = garbage(longLines);
      } else {
        second += random.nextInt(3) == 0 ? 0 : random.nextInt(1 + (1 << random.nextInt(7)));
        long at = second;
        // A log without offsets tells the hour that is twice by its order: it is kept in order.
        if (layout != Layout.SYSLOG) {
          at =
              switch (disorder) {
                case 0 -> second;
                case 1 -> random.nextInt(10) == 0 ? second - random.nextInt(60) : second;
                case 2 -> random.nextInt(30) == 0 ? second - random.nextInt(86_400) : second;
                default -> start.getEpochSecond() + random.nextInt(7200);
              };
        }
        if (random.nextInt(20) == 0) {
          offset = OFFSETS[random.nextInt(OFFSETS.length)];
        }
        int nanos =
            switch (layout) {
              case RFC5424 -> random.nextInt(1_000_000) * 1000;
              case ISO -> random.nextInt(3) * 1_000_000;
              default -> 0;
            };
        current = at * 1_000_000_000L + nanos;
        line = dated(layout, at, nanos, offset, i, longLines);
      }
      boolean last = i == lines - 1;
      String end = last && random.nextBoolean() ? "" : crlf ? "\r\n" : "\n";
      text.writeBytes(line);
      text.writeBytes(end.getBytes(StandardCharsets.ISO_8859_1));
      if (end.isEmpty() && line.length == 0) {
        continue; // an empty line without an end is no line
      }
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(line);
      whole.writeBytes((end.isEmpty() ? "\n" : end).getBytes(StandardCharsets.ISO_8859_1));
      drawn.add(new Line(current, whole.toByteArray()));
      if (random.nextInt(15) == 0 && !last) {
        // The very same line again.
        text.writeBytes(line);
        text.writeBytes(end.getBytes(StandardCharsets.ISO_8859_1));
        drawn.add(new Line(current, whole.toByteArray()));
      }
    }
    return new Log(drawn, text.toByteArray());
  }

  private byte[] garbage(boolean longLines) {
    if (random.nextInt(4) == 0) {
      return new byte[0];
    }
    int length = longLines && random.nextInt(40) == 0 ? 1_000_000 : random.nextInt(200);
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    for (int i = 0; i < length; i++) {
      // No line feed, and nothing that a date may begin with; the rest is NUL and all there is.
      if (octets[i] == '\n' || octets[i] == '[' || i == 0 && octets[i] > ' ') {
        octets[i] = 0;
      }
    }
    return octets;
  }

  private byte[] dated(
      Layout layout, long second, int nanos, int offset, int number, boolean longLines) {
    ZonedDateTime time =
        Instant.ofEpochSecond(second, nanos).atZone(ZoneOffset.ofTotalSeconds(offset));
    if (layout == Layout.SYSLOG) {
      time = Instant.ofEpochSecond(second, nanos).atZone(ZONE);
    }
    String stamp = layout.formatter.format(time);
    String user = random.nextInt(10) == 0 ? "a [b c" : "-";
    String head =
        switch (layout) {
          case CLF ->
              "192.0.2.7 - " + user + " [" + stamp + "] \"GET /" + number + " HTTP/1.1\" 200 5";
          case COMBINED ->
              "192.0.2.7 - "
                  + user
                  + " ["
                  + stamp
                  + "] \"GET /\" 404 5 \"-\" \"Agent/2013-01-01T00:00:00Z\"";
          case VHOST_COMBINED ->
              "www.example.org:80 2001:db8::1 - "
                  + user
                  + " ["
                  + stamp
                  + "] \"GET /"
                  + number
                  + "\" 200 5 \"-\" \"-\"";
          case SYSLOG ->
              (random.nextBoolean() ? "<13>" : "") + stamp + " host program[1]: " + number;
          case RFC5424 -> "<165>1 " + stamp + " host program 1 - - " + number;
          case ISO -> stamp + " something " + number;
        };
    int more = longLines && random.nextInt(60) == 0 ? 1_000_000 : random.nextInt(50);
    byte[] tail = new byte[more];
    random.nextBytes(tail);
    for (int i = 0; i < more; i++) {
      if (tail[i] == '\n') {
        tail[i] = 0;
      }
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    line.write(' ');
    line.writeBytes(tail);
    return line.toByteArray();
  }

  /** All lines in order: a stable sort of them one log after the other. */
  static List<Line> sorted(List<Log> logs) {
    List<Line> all = new ArrayList<>();
    for (Log log : logs) {
      all.addAll(log.lines());
    }
    all.sort(java.util.Comparator.comparingLong(Line::instant));
    return all;
  }

  /** The local time of a second in {@link #ZONE}, for messages. */
  static LocalDateTime local(long instant) {
    return LocalDateTime.ofInstant(Instant.ofEpochSecond(instant / 1_000_000_000L), ZONE);
  }
}

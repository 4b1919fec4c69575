// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads history files of AWStats 5 to 7.9, as text or as XML.
 *
 * <p>A file is whole when it has every section that its MAP names, each with its end: awstats.pl
 * checks no write, and leaves a file cut short on a full disk and says nothing.
 */
final class HistoryReader {
  private static final int HOURS = 24;
  private static final int LONGEST_LINE = 1 << 20;

  private final YearMonth month;
  private final List<String> faults = new ArrayList<>();
  private final SortedMap<LocalDate, History.Day> days = new TreeMap<>();
  private final History.Hour[] hours = new History.Hour[HOURS];
  private final Map<String, Long> seen = new HashMap<>();
  private final Set<String> expected = new HashSet<>();
  private long lastLine;
  private long lastTime;
  private long continued;
  private boolean mapped;

  private HistoryReader(YearMonth month) {
    this.month = month;
    java.util.Arrays.fill(hours, new History.Hour(0, 0));
  }

  /** Reads a file; what is wrong with it is among the faults. */
  static History read(Path file, YearMonth month) throws IOException {
    HistoryReader reader = new HistoryReader(month);
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      reader.read(in);
    }
    return new History(
        month,
        reader.lastLine,
        reader.lastTime,
        reader.days,
        List.of(reader.hours),
        reader.continued,
        reader.seen,
        List.copyOf(reader.faults));
  }

  private void read(BufferedReader in) throws IOException {
    boolean xml = false;
    boolean header = false;
    String section = "";
    Set<String> ended = new HashSet<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.length() > LONGEST_LINE) {
        faults.add("a line of more than " + LONGEST_LINE + " characters");
        return;
      }
      xml |= line.startsWith("<xml");
      String text = xml ? withoutTags(line) : line;
      header |= text.startsWith("AWSTATS DATA FILE ");
      if (text.startsWith("#")) {
        continue;
      }
      String[] fields = text.strip().split("\\s+");
      String first = fields[0];
      if (first.startsWith("BEGIN_")) {
        if (!section.isEmpty()) {
          faults.add("section " + section + " has no end");
        }
        section = first.substring("BEGIN_".length());
        mapped |= section.equals("MAP");
      } else if (first.startsWith("END_") && first.substring("END_".length()).equals(section)) {
        ended.add(section);
        section = "";
      } else if (!first.isEmpty() && !section.isEmpty()) {
        item(section, fields);
      }
    }
    if (!header) {
      faults.add("no line \"AWSTATS DATA FILE\"");
    }
    if (!mapped) {
      faults.add("no section MAP");
    }
    if (!section.isEmpty()) {
      faults.add("section " + section + " has no end");
    }
    expected.removeAll(ended);
    expected.stream().sorted().forEach(missing -> faults.add("no section " + missing));
  }

  private void item(String section, String[] fields) {
    switch (section) {
      case "MAP" -> {
        if (fields[0].startsWith("POS_")) {
          expected.add(fields[0].substring("POS_".length()));
        }
      }
      case "GENERAL" -> {
        if (fields[0].equals("LastLine")) {
          lastLine = number(fields, 1);
        } else if (fields[0].equals("LastTime")) {
          lastTime = number(fields, 1);
        }
      }
      case "TIME" -> {
        long hour = number(fields, 0);
        if (hour >= 0 && hour < HOURS) {
          hours[(int) hour] = new History.Hour(number(fields, 2), number(fields, 5));
        } else {
          faults.add("hour " + fields[0]);
        }
      }
      case "DAY" -> day(fields);
      case "DOWNLOADS" -> continued += number(fields, 2);
      case "VISITOR", "LOGIN" -> see(section, fields, 4);
      case "ROBOT", "EMAILSENDER", "EMAILRECEIVER" -> see(section, fields, 3);
      case "SIDER", "ERRORS" -> see(section, fields, -1);
      default -> {}
    }
  }

  private void see(String section, String[] fields, int last) {
    seen.merge(section + " " + fields[0], last < 0 ? 0 : number(fields, last), Long::max);
  }

  private void day(String[] fields) {
    LocalDate date;
    try {
      long digits = number(fields, 0);
      date =
          LocalDate.of((int) (digits / 10_000), (int) (digits / 100 % 100), (int) (digits % 100));
    } catch (DateTimeException e) {
      faults.add("day " + fields[0]);
      return;
    }
    if (!YearMonth.from(date).equals(month)) {
      faults.add("day " + fields[0] + " is of another month");
      return;
    }
    days.put(
        date,
        new History.Day(
            number(fields, 1), number(fields, 2), number(fields, 3), number(fields, 4)));
  }

  /** A whole number, 0 where there is none: AWStats leaves out what it has not. */
  private static long number(String[] fields, int index) {
    if (index >= fields.length) {
      return 0;
    }
    String text = fields[index];
    if (text.isEmpty() || text.length() > 18) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }

  private static String withoutTags(String line) {
    return line.replaceAll("<[^>]*>", " ")
        .strip()
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
  }
}

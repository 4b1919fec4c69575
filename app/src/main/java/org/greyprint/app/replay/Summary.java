// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.greyprint.fingerprint.OperatingSystem;

/** How many SYNs each system sent, as a table with bars or as JSON. */
final class Summary {
  private static final int BAR = 30;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private record Row(String family, String label, String role, long count) {}

  private record Group(String family, String label, String role) {}

  private final Map<Group, Long> counts = new HashMap<>();

  void add(Kind kind) {
    OperatingSystem os = kind.described.fingerprint().os();
    counts.merge(new Group(os.family(), os.label(), os.role().word()), kind.count, Long::sum);
    kind.count = 0;
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    counts.forEach(
        (group, count) -> rows.add(new Row(group.family, group.label, group.role, count)));
    rows.removeIf(row -> row.count == 0);
    rows.sort(Comparator.comparingLong(Row::count).reversed().thenComparing(Row::label));
    return rows;
  }

  private long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  String table() {
    List<Row> rows = rows();
    long total = total();
    if (total == 0) {
      return "no SYNs\n";
    }
    int family = width("family", rows.stream().map(Row::family).toList());
    int label = width("system", rows.stream().map(Row::label).toList());
    String format = "%-" + family + "s  %-" + label + "s  %-7s  %12s  %6s  %s%n";
    StringBuilder table = new StringBuilder();
    table.append(format(format, "family", "system", "role", "SYNs", "share", ""));
    long most = rows.getFirst().count;
    for (Row row : rows) {
      table.append(
          format(
              format,
              row.family,
              row.label,
              row.role,
              String.format(Locale.ROOT, "%,d", row.count),
              String.format(Locale.ROOT, "%.1f%%", 100.0 * row.count / total),
              bar((double) row.count / most)));
    }
    table.append(
        format(format, "all", "", "", String.format(Locale.ROOT, "%,d", total), "100.0%", ""));
    return table.toString();
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).stripTrailing() + "\n";
  }

  private static int width(String title, List<String> texts) {
    return texts.stream().mapToInt(String::length).reduce(title.length(), Math::max);
  }

  private static String bar(double share) {
    int eighths = Math.max(1, (int) Math.round(share * BAR * 8));
    String rest = eighths % 8 == 0 ? "" : EIGHTHS.substring(eighths % 8, eighths % 8 + 1);
    return "█".repeat(eighths / 8) + rest;
  }

  String json() {
    long total = total();
    StringBuilder json = new StringBuilder();
    for (Row row : rows()) {
      json.append("{\"family\":");
      JsonLines.string(json, row.family);
      json.append(",\"system\":");
      JsonLines.string(json, row.label);
      json.append(",\"role\":\"").append(row.role);
      json.append("\",\"count\":").append(row.count);
      json.append(",\"share\":").append(Math.round(1e6 * row.count / total) / 1e6).append("}\n");
    }
    return json.toString();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.greyprint.weblogs.MergeJob;
import org.greyprint.weblogs.MergeSummary;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.Stamps;
import tools.jackson.databind.json.JsonMapper;

/** The account of a merge: every line that was read is in it. */
final class LogsSummary {
  private static final long SECOND = 1_000_000_000L;

  private LogsSummary() {}

  /** For people: a line a source, the sum, and what is to be known. */
  static String text(MergeJob.Report report) {
    MergeSummary summary = report.summary();
    StringBuilder text = new StringBuilder();
    for (MergeSummary.OfSource source : summary.sources()) {
      text.append(source.name()).append(": ").append(grouped(source.records())).append(" records");
      more(text, source.undated(), " undated");
      more(text, source.disordered(), " out of order");
      more(text, source.late(), " late");
      text.append(", ").append(format(source)).append('\n');
    }
    text.append(summary.sources().size()).append(" sources: ");
    text.append(grouped(summary.lines())).append(" lines = ");
    text.append(grouped(summary.records())).append(" records + ");
    text.append(grouped(summary.undated())).append(" undated; ");
    text.append(grouped(summary.disordered())).append(" out of order, ");
    text.append(grouped(summary.late())).append(" late");
    long first = first(summary);
    if (first != Stamps.NONE) {
      text.append("; ").append(time(first)).append(" to ").append(time(last(summary)));
    }
    text.append(report.files() > 1 ? "; " + report.files() + " files" : "").append('\n');
    if (summary.late() > 0) {
      text.append("late, by day:");
      for (Map.Entry<Long, Long> day : summary.lateDays().entrySet()) {
        text.append(' ').append(LocalDate.ofEpochDay(day.getKey()));
        text.append(' ').append(grouped(day.getValue()));
      }
      text.append('\n');
    }
    for (String notice : report.notices()) {
      text.append("note: ").append(notice).append('\n');
    }
    return text.toString();
  }

  private static void more(StringBuilder text, long count, String what) {
    if (count > 0) {
      text.append(", ").append(grouped(count)).append(what);
    }
  }

  private static String format(MergeSummary.OfSource source) {
    if (source.format().isPresent()) {
      return source.format().get().word();
    }
    return source.undated() > 0 ? "no date found: see --format" : "empty";
  }

  /**
   * A count with a comma before each three digits. (A formatter would take as long for its first
   * line as twenty megabytes take to merge.)
   */
  private static String grouped(long count) {
    StringBuilder digits = new StringBuilder(Long.toString(count));
    for (int at = digits.length() - 3; at > 0; at -= 3) {
      digits.insert(at, ',');
    }
    return digits.toString();
  }

  private static long first(MergeSummary summary) {
    return summary.sources().stream()
        .mapToLong(MergeSummary.OfSource::first)
        .filter(instant -> instant != Stamps.NONE)
        .min()
        .orElse(Stamps.NONE);
  }

  private static long last(MergeSummary summary) {
    return summary.sources().stream()
        .mapToLong(MergeSummary.OfSource::last)
        .max()
        .orElse(Stamps.NONE);
  }

  private static String time(long instant) {
    return Times.text(instant(instant));
  }

  private static Instant instant(long instant) {
    return Instant.ofEpochSecond(Math.floorDiv(instant, SECOND), Math.floorMod(instant, SECOND));
  }

  /** For machines: one object. */
  static String json(MergeJob.Report report) {
    MergeSummary summary = report.summary();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("lines", summary.lines());
    object.put("records", summary.records());
    object.put("undated", summary.undated());
    object.put("outOfOrder", summary.disordered());
    object.put("late", summary.late());
    object.put("lateDays", days(summary.lateDays()));
    put(object, "first", first(summary));
    put(object, "last", last(summary));
    object.put("files", report.files());
    List<Object> sources = new ArrayList<>();
    for (MergeSummary.OfSource source : summary.sources()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", source.name());
      one.put("format", source.format().map(LogFormat::word).orElse("none"));
      one.put("records", source.records());
      one.put("undated", source.undated());
      one.put("outOfOrder", source.disordered());
      one.put("late", source.late());
      one.put("lateDays", days(source.lateDays()));
      one.put("octets", source.octets());
      put(one, "first", source.first());
      put(one, "last", source.last());
      sources.add(one);
    }
    object.put("sources", sources);
    object.put("notices", report.notices());
    return JsonMapper.shared().writeValueAsString(object) + "\n";
  }

  private static Map<String, Long> days(Map<Long, Long> days) {
    Map<String, Long> named = new LinkedHashMap<>();
    days.forEach((day, count) -> named.put(LocalDate.ofEpochDay(day).toString(), count));
    return named;
  }

  private static void put(Map<String, Object> object, String key, long instant) {
    if (instant != Stamps.NONE) {
      object.put(key, instant(instant).toString());
    }
  }
}

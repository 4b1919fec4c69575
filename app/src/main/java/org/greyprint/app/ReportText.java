// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.greyprint.journal.Summary;

/** A summary as text. */
final class ReportText {
  private ReportText() {}

  static String of(Summary summary) {
    StringBuilder out = new StringBuilder();
    out.append("From ").append(Times.text(summary.from()));
    out.append(" to ").append(Times.text(summary.to())).append("\n\n");
    if (summary.total() == 0) {
      return out.append("No decision was made in this time.\n").toString();
    }
    row(out, "Decisions", summary.total(), summary.total());
    row(out, "  delivered", count(summary, "deliver"), summary.total());
    row(out, "  deferred", count(summary, "defer"), summary.total());
    row(out, "  rejected", count(summary, "reject"), summary.total());
    row(out, "Senders deferred", summary.deferred(), summary.deferred());
    row(out, "  passed on retry", summary.passed(), summary.deferred());
    row(out, "  gave up", summary.gaveUp(), summary.deferred());
    row(out, "  may still come", summary.waiting(), summary.deferred());
    if (!summary.delays().isEmpty()) {
      out.append("\n").append(delay(summary)).append("\n");
    }
    long would = summary.observed().values().stream().mapToLong(Long::longValue).sum();
    if (would > 0) {
      out.append("\n").append(observed(summary)).append("\n");
    }
    table(out, "Operating system", summary.byOs());
    table(out, "Rule", summary.byRule());
    return out.toString();
  }

  /** The delay of those that passed, in a sentence. */
  static String delay(Summary summary) {
    return "Delay of those that passed: half within "
        + Times.text(summary.delay(0.5))
        + ", nine of ten within "
        + Times.text(summary.delay(0.9))
        + ", the longest "
        + Times.text(summary.delay(1))
        + ".";
  }

  /** What would have been done, in a sentence. */
  static String observed(Summary summary) {
    return "Only observed: "
        + summary.observed().getOrDefault("defer", 0L)
        + " would have been deferred, "
        + summary.observed().getOrDefault("reject", 0L)
        + " rejected.";
  }

  static long count(Summary summary, String verdict) {
    return summary.decisions().getOrDefault(verdict, 0L);
  }

  private static void row(StringBuilder out, String name, long count, long of) {
    String share = of == 0 || count == of ? "" : percent(count, of);
    out.append(String.format(Locale.ROOT, "%-20s %,12d %8s", name, count, share).stripTrailing())
        .append('\n');
  }

  /** A share with one digit. */
  static String percent(long count, long of) {
    return of == 0 ? "" : String.format(Locale.ROOT, "%.1f %%", 100.0 * count / of);
  }

  private static void table(StringBuilder out, String name, Map<String, Summary.Line> lines) {
    List<String> names = new ArrayList<>(lines.keySet());
    int width = Math.max(name.length(), names.stream().mapToInt(String::length).max().orElse(0));
    width = Math.min(width, 40);
    String form = "%-" + width + "s %10s %10s %9s %9s %9s %9s %9s%n";
    out.append('\n');
    out.append(
        String.format(
            Locale.ROOT,
            form,
            name,
            "decisions",
            "delivered",
            "deferred",
            "rejected",
            "observed",
            "passed",
            "gave up"));
    for (Map.Entry<String, Summary.Line> entry : lines.entrySet()) {
      Summary.Line line = entry.getValue();
      String label = entry.getKey();
      out.append(
          String.format(
              Locale.ROOT,
              form,
              label.length() <= width ? label : label.substring(0, width - 1) + "~",
              line.decisions(),
              line.delivered(),
              line.deferred(),
              line.rejected(),
              line.observed(),
              line.passed(),
              line.gaveUp()));
    }
  }
}

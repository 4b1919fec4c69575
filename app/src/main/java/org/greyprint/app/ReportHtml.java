// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import org.greyprint.journal.Summary;

/** A summary as a page of HTML that loads nothing and runs nothing. */
final class ReportHtml {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: #8884; --deliver: #2a9d6f; --defer: #e0a100;
        --reject: #c8423b; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
        padding: 0 1rem; }
      h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
      th:first-child, td:first-child { text-align: left; }
      .tiles { display: flex; flex-wrap: wrap; gap: 1rem; }
      .tile { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; }
      .tile b { display: block; font-size: 1.4rem; }
      .key span { margin-right: 1rem; } .key i { display: inline-block; width: .8rem;
        height: .8rem; margin-right: .3rem; }
      .deliver { fill: var(--deliver); background: var(--deliver); }
      .defer { fill: var(--defer); background: var(--defer); }
      .reject { fill: var(--reject); background: var(--reject); }
      svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: currentColor; }
      .wide { overflow-x: auto; }
      """;

  private ReportHtml() {}

  static String of(Summary summary) {
    StringBuilder out = new StringBuilder();
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.append("<meta http-equiv=\"Content-Security-Policy\" ");
    out.append("content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<title>Greyprint report</title>\n<style>\n");
    out.append(STYLE).append("</style>\n</head>\n<body>\n<h1>Greyprint report</h1>\n<p>");
    out.append(Times.text(summary.from())).append(" to ").append(Times.text(summary.to()));
    out.append("</p>\n");
    if (summary.total() == 0) {
      return out.append("<p>No decision was made in this time.</p>\n</body>\n</html>\n").toString();
    }
    tiles(out, summary);
    days(out, summary.byDay());
    table(out, "Operating systems", "Operating system", summary.byOs());
    table(out, "Rules", "Rule", summary.byRule());
    return out.append("</body>\n</html>\n").toString();
  }

  private static void tiles(StringBuilder out, Summary summary) {
    out.append("<div class=\"tiles\">\n");
    tile(out, summary.total(), "decisions", "");
    for (String[] verdict :
        new String[][] {{"deliver", "delivered"}, {"defer", "deferred"}, {"reject", "rejected"}}) {
      long count = ReportText.count(summary, verdict[0]);
      tile(out, count, verdict[1], ReportText.percent(count, summary.total()));
    }
    tile(out, summary.deferred(), "senders deferred", "");
    tile(
        out,
        summary.passed(),
        "passed on retry",
        ReportText.percent(summary.passed(), summary.deferred()));
    tile(
        out, summary.gaveUp(), "gave up", ReportText.percent(summary.gaveUp(), summary.deferred()));
    out.append("</div>\n");
    if (!summary.delays().isEmpty()) {
      out.append("<p>").append(ReportText.delay(summary)).append("</p>\n");
    }
    if (summary.observed().values().stream().anyMatch(count -> count > 0)) {
      out.append("<p>").append(ReportText.observed(summary)).append("</p>\n");
    }
  }

  private static void tile(StringBuilder out, long count, String name, String share) {
    out.append("<div class=\"tile\"><b>");
    out.append(String.format(Locale.ROOT, "%,d", count)).append("</b>").append(name);
    out.append(share.isEmpty() ? "" : ", " + share).append("</div>\n");
  }

  private static void days(StringBuilder out, Map<LocalDate, Summary.Line> days) {
    long most = days.values().stream().mapToLong(Summary.Line::decisions).max().orElse(0);
    if (most == 0) {
      return;
    }
    double step = 900.0 / days.size();
    double width = Math.min(40, step * 0.8);
    out.append("<h2>Decisions a day</h2>\n<p class=\"key\"><span><i class=\"deliver\"></i>");
    out.append("delivered</span><span><i class=\"defer\"></i>deferred</span>");
    out.append("<span><i class=\"reject\"></i>rejected</span></p>\n");
    out.append("<svg viewBox=\"0 0 900 230\" role=\"img\" aria-label=\"Decisions a day\">\n");
    int index = 0;
    int every = (int) Math.ceil(days.size() / 10.0);
    for (Map.Entry<LocalDate, Summary.Line> day : days.entrySet()) {
      Summary.Line line = day.getValue();
      double x = index * step + (step - width) / 2;
      double top = 200;
      top = bar(out, "deliver", x, top, width, line.delivered(), most, day.getKey());
      top = bar(out, "defer", x, top, width, line.deferred(), most, day.getKey());
      bar(out, "reject", x, top, width, line.rejected(), most, day.getKey());
      if (index % every == 0) {
        out.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"220\" text-anchor=\"middle\">%s</text>%n",
                x + width / 2,
                day.getKey().toString().substring(5)));
      }
      index++;
    }
    out.append("</svg>\n");
  }

  private static double bar(
      StringBuilder out,
      String kind,
      double x,
      double bottom,
      double width,
      long count,
      long most,
      LocalDate day) {
    if (count == 0) {
      return bottom;
    }
    double height = 190.0 * count / most;
    out.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
                + "<title>%s: %,d</title></rect>%n",
            kind,
            x,
            bottom - height,
            width,
            height,
            day,
            count));
    return bottom - height;
  }

  private static void table(
      StringBuilder out, String title, String name, Map<String, Summary.Line> lines) {
    out.append("<h2>").append(title).append("</h2>\n<div class=\"wide\"><table>\n<tr>");
    for (String head :
        new String[] {
          name,
          "decisions",
          "delivered",
          "deferred",
          "rejected",
          "observed",
          "senders deferred",
          "passed",
          "gave up"
        }) {
      out.append("<th>").append(head).append("</th>");
    }
    out.append("</tr>\n");
    lines.forEach((label, line) -> {
      out.append("<tr><td>").append(escape(label)).append("</td>");
      for (long count :
          new long[] {
            line.decisions(),
            line.delivered(),
            line.deferred(),
            line.rejected(),
            line.observed(),
            line.senders(),
            line.passed(),
            line.gaveUp()
          }) {
        out.append(String.format(Locale.ROOT, "<td>%,d</td>", count));
      }
      out.append("</tr>\n");
    });
    out.append("</table></div>\n");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}

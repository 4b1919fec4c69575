// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** The dashboard as HTML, with its charts as SVG inside. */
final class DashboardPage {
  private static final int WIDTH = 900;
  private static final int LEFT = 44;
  private static final int SYSTEMS = 4;

  private static final DateTimeFormatter HOUR =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter WHOLE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: #8885; --soft: #8882; --passed: #2a9d6f;
        --gave: #c8423b; --open: #e0a100; --deliver: #4b7bd0; }
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 1.5rem auto;
        padding: 0 1rem; }
      header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem 1.2rem; }
      h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .3rem; }
      nav a { margin-right: .8rem; } nav a.now { font-weight: 600; text-decoration: none;
        color: inherit; }
      .mode { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .7rem; }
      .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr));
        gap: .7rem; margin: 1rem 0; }
      .tile { background: var(--soft); border-radius: .5rem; padding: .5rem .9rem; }
      .tile b { display: block; font-size: 1.5rem; line-height: 1.3; }
      .key span { margin-right: 1.1rem; } .key i { display: inline-block; width: .75rem;
        height: .75rem; border-radius: 2px; margin-right: .35rem; }
      .passed { fill: var(--passed); background: var(--passed); }
      .gave { fill: var(--gave); background: var(--gave); }
      .open { fill: var(--open); background: var(--open); }
      .deliver { fill: var(--deliver); background: var(--deliver); }
      svg { width: 100%; height: auto; display: block; }
      svg text { font-size: 11px; fill: currentColor; opacity: .75; }
      svg line { stroke: var(--line); }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
      th:first-child, td:first-child { text-align: left; }
      .wide { overflow-x: auto; } pre { overflow-x: auto; background: var(--soft);
        padding: .7rem .9rem; border-radius: .5rem; }
      .trouble { border-left: 4px solid var(--gave); padding-left: .8rem; }
      """;

  private final StringBuilder out = new StringBuilder();
  private final Trend trend;
  private final Dashboard.Range range;

  private DashboardPage(Trend trend, Dashboard.Range range) {
    this.trend = trend;
    this.range = range;
  }

  static String of(Trend trend, Dashboard.Range range, Managed daemon, Instant now) {
    return new DashboardPage(trend, range).whole(daemon, now);
  }

  private String whole(Managed daemon, Instant now) {
    out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.append("<meta http-equiv=\"refresh\" content=\"60\">\n");
    out.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.append("<title>Greyprint</title>\n<style>\n").append(STYLE).append("</style>\n");
    out.append("</head>\n<body>\n<header><h1>Greyprint</h1><span class=\"mode\">");
    out.append(daemon.configuration().observe() ? "observing: nothing is deferred" : "enforcing");
    out.append("</span><nav>");
    for (String word : Dashboard.words()) {
      out.append("<a").append(word.equals(range.word) ? " class=\"now\"" : "");
      out.append(" href=\"/?range=").append(word).append("\">").append(word).append("</a>");
    }
    out.append("</nav><span>").append(WHOLE.format(now)).append("</span></header>\n");
    List<String> troubles = daemon.troubles();
    if (!troubles.isEmpty()) {
      out.append("<div class=\"trouble\"><b>Degraded; mail is delivered</b>");
      troubles.forEach(line -> out.append("<br>").append(escape(line)));
      out.append("</div>\n");
    }
    tiles();
    if (trend.sum().decisions() == 0) {
      out.append("<p>No decision was made in this time.</p>\n");
    } else {
      charts();
      systems();
    }
    out.append("<h2>Parts</h2>\n<pre>");
    daemon.banner().forEach(line -> out.append(escape(line.strip())).append('\n'));
    return out.append("</pre>\n</body>\n</html>\n").toString();
  }

  private void tiles() {
    Trend.Counts sum = trend.sum();
    out.append("<div class=\"tiles\">\n");
    tile(number(sum.decisions()), "decisions");
    tile(number(sum.senders), "senders deferred");
    tile(number(sum.passed), "came back" + share(sum.passed, sum.senders));
    tile(number(sum.gaveUp), "gave up" + share(sum.gaveUp, sum.senders));
    tile(number(sum.open()), "may still come");
    tile(sum.waited(0.5).map(DashboardPage::time).orElse("–"), "median delay");
    out.append("</div>\n");
  }

  private void tile(String figure, String name) {
    out.append("<div class=\"tile\"><b>").append(figure).append("</b>").append(name);
    out.append("</div>\n");
  }

  private void charts() {
    String each =
        trend.span().toHours() >= 24
            ? "a day"
            : trend.span().toHours() == 1 ? "an hour" : "in " + trend.span().toHours() + " hours";
    key("What became of senders that were deferred, " + each, true);
    bars(trend.all(), 150, "all systems", true);
    trend.systems().stream()
        .filter(system -> trend.sum(system).senders > 0)
        .limit(SYSTEMS)
        .forEach(system -> {
          out.append("<p>").append(escape(system)).append(": ");
          out.append(number(trend.sum(system).senders)).append(" senders deferred</p>\n");
          bars(trend.of(system), 70, system, true);
        });
    key("Decisions, " + each, false);
    bars(trend.all(), 130, "decisions", false);
    delays();
  }

  private void key(String title, boolean senders) {
    out.append("<h2>").append(title).append("</h2>\n<p class=\"key\">");
    if (senders) {
      out.append("<span><i class=\"passed\"></i>came back and passed</span>");
      out.append("<span><i class=\"open\"></i>may still come</span>");
      out.append("<span><i class=\"gave\"></i>gave up (not seen for a day)</span></p>\n");
    } else {
      out.append("<span><i class=\"deliver\"></i>delivered</span>");
      out.append("<span><i class=\"open\"></i>deferred</span>");
      out.append("<span><i class=\"gave\"></i>rejected</span></p>\n");
    }
  }

  private void bars(List<Trend.Counts> spans, int height, String name, boolean senders) {
    long most =
        spans.stream().mapToLong(each -> senders ? each.senders : each.decisions()).max().orElse(0);
    frame(height, name, number(most));
    double step = (double) (WIDTH - LEFT) / spans.size();
    for (int i = 0; i < spans.size(); i++) {
      Trend.Counts counts = spans.get(i);
      double x = LEFT + i * step + step * 0.12;
      double top = height;
      String when = label(i);
      if (senders) {
        top = bar("passed", x, top, step, counts.passed, most, height, when + ", passed");
        top = bar("open", x, top, step, counts.open(), most, height, when + ", may still come");
        bar("gave", x, top, step, counts.gaveUp, most, height, when + ", gave up");
      } else {
        top = bar("deliver", x, top, step, counts.delivered, most, height, when + ", delivered");
        top = bar("open", x, top, step, counts.deferred, most, height, when + ", deferred");
        bar("gave", x, top, step, counts.rejected, most, height, when + ", rejected");
      }
    }
    out.append("</svg>\n");
  }

  private double bar(
      String kind,
      double x,
      double bottom,
      double step,
      long count,
      long most,
      int height,
      String title) {
    if (count == 0 || most == 0) {
      return bottom;
    }
    double size = (height - 8.0) * count / most;
    add(
        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
            + "<title>%s: %,d</title></rect>\n",
        kind, x, bottom - size, step * 0.76, size, title, count);
    return bottom - size;
  }

  /** Median and longest delay of those that passed, by the span in which they were deferred. */
  private void delays() {
    long most = trend.all().stream().mapToLong(each -> each.waited(1).orElse(0L)).max().orElse(0);
    if (most == 0) {
      return;
    }
    out.append("<h2>Delay of senders that passed</h2>\n<p class=\"key\">");
    out.append("<span><i class=\"passed\"></i>median</span>");
    out.append("<span><i class=\"open\"></i>longest</span></p>\n");
    int height = 110;
    frame(height, "delay", time(most));
    double step = (double) (WIDTH - LEFT) / trend.all().size();
    for (int i = 0; i < trend.all().size(); i++) {
      double x = LEFT + (i + 0.5) * step;
      dot("open", x, trend.all().get(i).waited(1).orElse(0L), most, height, label(i));
      dot("passed", x, trend.all().get(i).waited(0.5).orElse(0L), most, height, label(i));
    }
    out.append("</svg>\n");
  }

  private void dot(String kind, double x, long seconds, long most, int height, String when) {
    if (seconds > 0) {
      add(
          "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%s: %s</title></circle>\n",
          kind, x, height - (height - 8.0) * seconds / most, when, time(seconds));
    }
  }

  /** Opens a chart: its frame, the scale's top, and the times below. */
  private void frame(int height, String name, String top) {
    add(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
        WIDTH, height + 18, escape(name));
    add("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", LEFT, height, WIDTH, height);
    add("<line x1=\"%d\" y1=\"8\" x2=\"%d\" y2=\"8\" stroke-dasharray=\"2 4\"/>\n", LEFT, WIDTH);
    add("<text x=\"%d\" y=\"12\" text-anchor=\"end\">%s</text>\n", LEFT - 6, top);
    add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", LEFT - 6, height);
    int spans = trend.all().size();
    double step = (double) (WIDTH - LEFT) / spans;
    int every = Math.max(1, (int) Math.ceil(spans / 8.0));
    for (int i = 0; i < spans; i += every) {
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
          LEFT + (i + 0.5) * step, height + 14, label(i));
    }
  }

  private String label(int span) {
    Instant at = trend.from().plus(trend.span().multipliedBy(span));
    if (trend.span().toHours() == 1) {
      return HOUR.format(at);
    }
    return trend.span().toHours() >= 24 ? DAY.format(at) : DAY.format(at) + " " + HOUR.format(at);
  }

  private void systems() {
    out.append("<h2>Operating systems</h2>\n<div class=\"wide\"><table>\n<tr>");
    for (String head :
        List.of(
            "system",
            "decisions",
            "delivered",
            "deferred",
            "rejected",
            "senders deferred",
            "came back",
            "gave up",
            "median delay",
            "longest")) {
      out.append("<th>").append(head).append("</th>");
    }
    out.append("</tr>\n");
    for (String system : trend.systems()) {
      Trend.Counts counts = trend.sum(system);
      out.append("<tr><td>").append(escape(system)).append("</td>");
      for (String figure :
          List.of(
              number(counts.decisions()),
              number(counts.delivered),
              number(counts.deferred),
              number(counts.rejected),
              number(counts.senders),
              number(counts.passed),
              number(counts.gaveUp),
              counts.waited(0.5).map(DashboardPage::time).orElse("–"),
              counts.waited(1).map(DashboardPage::time).orElse("–"))) {
        out.append("<td>").append(figure).append("</td>");
      }
      out.append("</tr>\n");
    }
    out.append("</table></div>\n");
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is of a library for compiling alone
  private void add(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values));
  }

  private static String number(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  private static String share(long part, long whole) {
    return whole == 0 ? "" : String.format(Locale.ROOT, ", %.0f %%", 100.0 * part / whole);
  }

  private static String time(long seconds) {
    Duration time = Duration.ofSeconds(seconds);
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200 ? time.toMinutes() + " min" : time.toHours() + " h";
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.greyprint.weblogs.awstats.MonthVerdict.DayChange;
import org.greyprint.weblogs.awstats.MonthVerdict.Figures;
import org.greyprint.weblogs.awstats.MonthVerdict.Kind;

/**
 * What a rebuild found and did, or would do.
 *
 * @param dryRun whether it was only the plan
 * @param notes what concerns no site
 */
public record RebuildReport(boolean dryRun, List<SiteReport> sites, List<String> notes) {
  private static final int NAMED_DAYS = 12;

  /** Whether nothing failed and nothing is left undone for want of logs. */
  public boolean good() {
    return sites.stream().allMatch(SiteReport::good);
  }

  /** For people: a paragraph a site, a line a month, a line a day that changes. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (SiteReport site : sites) {
      text(site, text);
    }
    notes.forEach(note -> text.append("Note: ").append(note).append('\n'));
    return text.toString();
  }

  private void text(SiteReport site, StringBuilder text) {
    text.append(site.site()).append(" (").append(site.directory()).append("): ");
    long wrong = site.wrong().size();
    if (site.failure().isPresent()) {
      text.append("failed; the history is as it was");
    } else if (wrong == 0) {
      text.append(site.good() ? "nothing to rebuild" : "nothing was rebuilt");
    } else if (site.rebuilt()) {
      text.append(months(wrong)).append(" rebuilt");
    } else {
      text.append(months(wrong)).append(" to rebuild");
    }
    text.append('\n');
    site.failure().ifPresent(why -> text.append("  ").append(why).append('\n'));
    for (MonthVerdict month : site.months()) {
      text(month, text);
    }
    if (site.newer() > 0) {
      text.append("  ")
          .append(site.newer())
          .append(
              site.newestRebuilt()
                  ? " newer records counted too\n"
                  : " newer records left to AWStats\n");
    }
    site.notes().forEach(note -> text.append("  note: ").append(note).append('\n'));
    site.backup()
        .ifPresent(folder -> text.append("  the old history is in ").append(folder).append('\n'));
  }

  private static String months(long number) {
    return number + (number == 1 ? " month" : " months");
  }

  private static void text(MonthVerdict month, StringBuilder text) {
    text.append("  ").append(month.month()).append("  ").append(month.kind().text());
    if (month.kind() == Kind.RIGHT) {
      text.append(" (").append(month.records()).append(" records)\n");
      return;
    }
    text.append(": ")
        .append(month.before())
        .append(" records in the history, ")
        .append(month.records())
        .append(" in the logs\n");
    if (month.kind() == Kind.INCOMPLETE || month.kind() == Kind.MORE) {
      text.append("    ").append(why(month)).append('\n');
    }
    if (month.kind().wrong()) {
      month.changes().forEach(change -> day(change, text));
    }
  }

  private static String why(MonthVerdict month) {
    List<String> days =
        month.missing().stream().map(LocalDate::toString).limit(NAMED_DAYS).toList();
    String where =
        days.isEmpty()
            ? "robots or errors, which AWStats does not count by day"
            : String.join(", ", days)
                + (month.missing().size() > NAMED_DAYS
                    ? " and " + (month.missing().size() - NAMED_DAYS) + " more days"
                    : "");
    return (month.nothingElse() ? "counted twice, or logs missing: " : "logs are missing: ")
        + where
        + "; give all logs; if they are all there is, say --logs-complete";
  }

  private static void day(DayChange change, StringBuilder text) {
    Figures before = change.before();
    Figures after = change.after();
    text.append(
        String.format(
            Locale.ROOT,
            "    %s  hits %d -> %d  pages %d -> %d  visits %d -> %d%n",
            change.date(),
            before.hits(),
            after.hits(),
            before.pages(),
            after.pages(),
            before.visits(),
            after.visits()));
  }
}

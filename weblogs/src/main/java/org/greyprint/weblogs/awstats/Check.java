// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.greyprint.weblogs.awstats.Awstats.Run;

/**
 * Whether every line given to awstats.pl is where it has to be.
 *
 * <p>The rule: lines given = counted + dropped + corrupted + comments + blank, as AWStats tells;
 * none was passed over as old, none refused for its order. Records counted = all hours of the
 * history, of visitors and others, and downloads continued (status 206), which are in no hour. No
 * hour and no day has more than the log has lines then. The hits a day add up to the visitors'
 * hours. The file is whole.
 */
final class Check {
  private Check() {}

  /**
   * Compares what a run says with the lines it was given.
   *
   * @throws RebuildException if a line is not accounted for
   */
  static void run(MonthLog log, Run run) throws RebuildException {
    if (run.jumped() != 0 || run.old() != 0) {
      throw new RebuildException(
          "AWStats passed over "
              + (run.jumped() + run.old())
              + " records of "
              + name(log)
              + " as already counted; the dates go backward over the month's end: give --zone");
    }
    if (run.outOfOrder() != 0) {
      throw new RebuildException(
          "AWStats refused "
              + run.outOfOrder()
              + " records of "
              + name(log)
              + " as too late: their digits go backward, as it is where clocks are set back or"
              + " servers are in different zones; give --zone, for instance --zone UTC");
    }
    long told = run.counted() + run.dropped() + run.corrupted() + run.comments() + run.blank();
    if (told != log.lines()) {
      throw new RebuildException(
          "AWStats accounts for " + told + " of " + log.lines() + " lines of " + name(log));
    }
  }

  /**
   * Compares the history made with the lines it was made from.
   *
   * @param counted what the runs of this month have counted
   * @throws RebuildException if they do not fit
   */
  static void history(History history, long counted, List<MonthLog> logs) throws RebuildException {
    String month = "the history made of " + history.month();
    if (!history.faults().isEmpty()) {
      throw new RebuildException(
          month + " is not whole (disk full?): " + String.join(", ", history.faults()));
    }
    long continued = counted - history.records();
    if (continued < 0 || continued > history.continued()) {
      throw new RebuildException(
          month
              + " has "
              + history.records()
              + " records where AWStats counted "
              + counted
              + (history.continued() == 0
                  ? ""
                  : ", of which no more than " + history.continued() + " were continued"));
    }
    if (history.viewed() != history.hits()) {
      throw new RebuildException(
          month
              + " has "
              + history.hits()
              + " hits in its days and "
              + history.viewed()
              + " in its hours");
    }
    for (int hour = 0; hour < 24; hour++) {
      long lines = 0;
      for (MonthLog log : logs) {
        lines += log.hour(hour);
      }
      if (history.hours().get(hour).records() > lines) {
        throw new RebuildException(
            month
                + " has "
                + history.hours().get(hour).records()
                + " records in the hour "
                + hour
                + ", the logs have "
                + lines);
      }
    }
    for (Map.Entry<LocalDate, History.Day> day : history.days().entrySet()) {
      long lines = 0;
      for (MonthLog log : logs) {
        lines += log.day(day.getKey().getDayOfMonth());
      }
      if (day.getValue().hits() > lines) {
        throw new RebuildException(
            month
                + " has "
                + day.getValue().hits()
                + " hits on "
                + day.getKey()
                + ", the logs have "
                + lines
                + " lines");
      }
    }
  }

  private static String name(MonthLog log) {
    return String.valueOf(log.file().getFileName());
  }
}

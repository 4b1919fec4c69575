// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;

/**
 * What became clear about a month.
 *
 * @param records records of the logs that AWStats takes
 * @param before records the history has
 * @param changes days that are otherwise in a history made from the logs
 * @param missing days of which the history has more than the logs: logs are missing, or it was
 *     counted twice
 * @param nothingElse whether all that occurs in the history, by name, is in the logs too, which
 *     speaks for counting twice
 */
public record MonthVerdict(
    YearMonth month,
    Kind kind,
    long records,
    long before,
    List<DayChange> changes,
    List<LocalDate> missing,
    boolean nothingElse) {

  /** The cases. */
  public enum Kind {
    /** The history is what the logs give. */
    RIGHT("right", false),
    /** The history has fewer records than the logs: late ones were ignored. */
    LATE("records are missing", true),
    /** The history has more than the logs, and the user vouches for these. */
    FEWER("more in the history than in the logs, which are complete", true),
    /** Records of an older month were counted into this one. */
    MIXED("records of an older month are in it", true),
    /** All records are there, but visits were counted in a wrong order. */
    VISITS("visits are wrong", true),
    /** There is no history of the month, though there are logs, and a newer month. */
    ABSENT("there is no history", true),
    /** The same records, told apart otherwise: by another version or configuration of AWStats. */
    OTHERWISE("the same records, classed by another version or configuration: left alone", false),
    /** The history has all that the logs have, and more; no record is late. */
    MORE("the history has all that is in the logs, and more: left alone", false),
    /** Records are late, but the history has others that the logs have not; it is not touched. */
    INCOMPLETE("not rebuilt: the history has what the logs have not", false);

    private final String text;
    private final boolean wrong;

    Kind(String text, boolean wrong) {
      this.text = text;
      this.wrong = wrong;
    }

    /** For people. */
    public String text() {
      return text;
    }

    /** Whether the month is to be rebuilt. */
    public boolean wrong() {
      return wrong;
    }
  }

  /** A day, as the history has it and as it should be. */
  public record DayChange(LocalDate date, Figures before, Figures after) {}

  /** What AWStats shows of a day. */
  public record Figures(long hits, long pages, long visits) {}
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.greyprint.weblogs.awstats.MonthVerdict.DayChange;
import org.greyprint.weblogs.awstats.MonthVerdict.Figures;
import org.greyprint.weblogs.awstats.MonthVerdict.Kind;

/**
 * Compares the history there is with one made from the logs alone.
 *
 * <p>Every record that AWStats takes is counted in exactly one hour of section TIME, as one of a
 * visitor or another (a robot, an error). That does not depend on which robots a version of AWStats
 * knows; so the hours tell whether records are missing or were counted twice. Hits a day are those
 * of visitors alone.
 *
 * <p>Hits a day and hits an hour add up to the same, except where records of an older month came
 * when AWStats was at this one: it puts them into this month's hours, hosts and pages, and in no
 * day.
 *
 * <p>Where the history has more than the logs give, either logs are missing or records were counted
 * twice. No number tells the two apart for sure: a history of 240 records is the same whether 120
 * were counted twice or the logs of 120 are lost. So nothing is taken from a history unless the
 * user vouches for the logs. What speaks for either is said: where hosts, robots, pages or errors
 * occur in the history alone, or were seen later there than in the logs, logs are missing.
 */
final class Judge {
  private final boolean resolves;
  private final boolean logsComplete;

  /**
   * @param resolves whether AWStats looks up names itself: then visits depend on the answers,
   *     unless the same visitors came out
   * @param logsComplete whether the user vouches for the logs
   */
  Judge(boolean resolves, boolean logsComplete) {
    this.resolves = resolves;
    this.logsComplete = logsComplete;
  }

  MonthVerdict judge(YearMonth month, MonthLog log, Optional<History> live, History fresh) {
    if (live.isEmpty()) {
      return new MonthVerdict(
          month, Kind.ABSENT, fresh.records(), 0, changes(empty(month), fresh), List.of(), true);
    }
    History old = live.get();
    List<DayChange> changes = changes(old, fresh);
    SortedSet<LocalDate> surplus = surplus(old, fresh, log);
    boolean sameHours = sameHours(old, fresh);
    boolean moreInAnHour = moreInAnHour(old, fresh);
    Kind kind;
    List<LocalDate> missing = List.of();
    if (sameHours) {
      kind = sameRecords(old, fresh, changes);
    } else if (!moreInAnHour && surplus.isEmpty()) {
      kind = Kind.LATE;
    } else if (surplus.isEmpty() && old.viewed() != old.hits()) {
      kind = Kind.MIXED;
    } else if (logsComplete) {
      kind = Kind.FEWER;
    } else if (!moreInAnHour(fresh, old) && changes.stream().noneMatch(Judge::gains)) {
      kind = Kind.MORE;
      missing = List.copyOf(surplus);
    } else {
      kind = Kind.INCOMPLETE;
      missing = List.copyOf(surplus);
    }
    boolean nothingElse = nothingElse(old, fresh) && allDaysThere(surplus, log);
    return new MonthVerdict(
        month, kind, fresh.records(), old.records(), changes, missing, nothingElse);
  }

  private static boolean gains(DayChange change) {
    return change.after().hits() > change.before().hits();
  }

  private Kind sameRecords(History old, History fresh, List<DayChange> changes) {
    if (changes.isEmpty()) {
      return Kind.RIGHT;
    }
    boolean visitsAlone =
        changes.stream()
            .allMatch(change ->
                change.before().hits() == change.after().hits()
                    && change.before().pages() == change.after().pages());
    return visitsAlone && (!resolves || visitors(old).equals(visitors(fresh)))
        ? Kind.VISITS
        : Kind.OTHERWISE;
  }

  private static Set<String> visitors(History history) {
    return history.seen().keySet().stream()
        .filter(key -> key.startsWith("VISITOR "))
        .collect(Collectors.toSet());
  }

  private static History empty(YearMonth month) {
    return new History(
        month,
        0,
        0,
        new java.util.TreeMap<>(),
        java.util.Collections.nCopies(24, new History.Hour(0, 0)),
        0,
        Map.of(),
        List.of());
  }

  private static List<DayChange> changes(History old, History fresh) {
    SortedSet<LocalDate> dates = new TreeSet<>(old.days().keySet());
    dates.addAll(fresh.days().keySet());
    List<DayChange> changes = new ArrayList<>();
    for (LocalDate date : dates) {
      Figures before = figures(old.day(date));
      Figures after = figures(fresh.day(date));
      if (!before.equals(after)) {
        changes.add(new DayChange(date, before, after));
      }
    }
    return changes;
  }

  private static Figures figures(History.Day day) {
    return new Figures(day.hits(), day.pages(), day.visits());
  }

  /** Days of which the history has more than the logs can give. */
  private static SortedSet<LocalDate> surplus(History old, History fresh, MonthLog log) {
    SortedSet<LocalDate> dates = new TreeSet<>();
    old.days()
        .forEach((date, day) -> {
          if (day.hits() > fresh.day(date).hits()
              || (day.hits() > 0 && log.day(date.getDayOfMonth()) == 0)) {
            dates.add(date);
          }
        });
    return dates;
  }

  private static boolean sameHours(History old, History fresh) {
    for (int hour = 0; hour < 24; hour++) {
      if (old.hours().get(hour).records() != fresh.hours().get(hour).records()) {
        return false;
      }
    }
    return true;
  }

  private static boolean moreInAnHour(History old, History fresh) {
    for (int hour = 0; hour < 24; hour++) {
      if (old.hours().get(hour).records() > fresh.hours().get(hour).records()) {
        return true;
      }
    }
    return false;
  }

  private static boolean nothingElse(History old, History fresh) {
    return old.seen().entrySet().stream()
        .allMatch(entry -> {
          Long last = fresh.seen().get(entry.getKey());
          return last != null && entry.getValue() <= last;
        });
  }

  private static boolean allDaysThere(SortedSet<LocalDate> dates, MonthLog log) {
    return dates.stream().allMatch(date -> log.day(date.getDayOfMonth()) > 0);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.greyprint.weblogs.stamp.LogFormat;

/**
 * What was read and written, source by source: {@code lines = records + undated} of each are in the
 * output.
 *
 * @param sources in the order given
 */
public record MergeSummary(List<OfSource> sources) {
  /**
   * One source.
   *
   * @param format what it was read as; empty where no line had a date
   * @param records lines with a date
   * @param undated lines without, which stayed with the line before them
   * @param disordered records that came after a newer one of the same source
   * @param octets of all lines, as they were read
   * @param first the earliest instant, nanoseconds since 1970; NONE without a record
   * @param last the latest instant
   * @param lateDays how many records are late, by day (in UTC, since 1970): earlier than the newest
   *     record that an earlier run with the same state wrote
   */
  public record OfSource(
      String name,
      Optional<LogFormat> format,
      long records,
      long undated,
      long disordered,
      long octets,
      long first,
      long last,
      SortedMap<Long, Long> lateDays) {
    /** Records that are late: not seen by an earlier run and older than what that wrote. */
    public long late() {
      return lateDays.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  public MergeSummary {
    sources = List.copyOf(sources);
  }

  public long records() {
    return sources.stream().mapToLong(OfSource::records).sum();
  }

  public long undated() {
    return sources.stream().mapToLong(OfSource::undated).sum();
  }

  public long late() {
    return sources.stream().mapToLong(OfSource::late).sum();
  }

  public long disordered() {
    return sources.stream().mapToLong(OfSource::disordered).sum();
  }

  /** Late records by day (in UTC, since 1970), of all sources. */
  public SortedMap<Long, Long> lateDays() {
    SortedMap<Long, Long> days = new TreeMap<>();
    for (OfSource source : sources) {
      for (Map.Entry<Long, Long> day : source.lateDays.entrySet()) {
        days.merge(day.getKey(), day.getValue(), Long::sum);
      }
    }
    return days;
  }

  /** All lines: records and undated ones. */
  public long lines() {
    return records() + undated();
  }
}

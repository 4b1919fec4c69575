// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.util.List;
import java.util.Optional;
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
   * @param late records that came after a newer one of the same source
   * @param octets of all lines, as they were read
   * @param first the earliest instant, nanoseconds since 1970; NONE without a record
   * @param last the latest instant
   */
  public record OfSource(
      String name,
      Optional<LogFormat> format,
      long records,
      long undated,
      long late,
      long octets,
      long first,
      long last) {}

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

  /** All lines: records and undated ones. */
  public long lines() {
    return records() + undated();
  }
}

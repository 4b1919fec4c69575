// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.greyprint.weblogs.stamp.LogFormat;

/**
 * What to merge and how.
 *
 * @param sources in the order that counts for lines of one instant
 * @param format of all sources; {@code auto} tells it for each source alone
 * @param sourceZone the zone of stamps without an offset; asked for when there is one, because to
 *     find it is slow
 * @param zone the one offset that all stamps are written with, or empty to leave them as they are
 * @param memory what the whole process may take, in octets; at least {@link #LEAST_MEMORY}
 * @param temporary the folder for what does not fit into memory
 */
public record MergeSettings(
    List<Source> sources,
    LogFormat format,
    Supplier<ZoneId> sourceZone,
    Optional<ZoneOffset> zone,
    long memory,
    Path temporary) {
  /** 128 MiB: the Java machine itself takes half of that. */
  public static final long LEAST_MEMORY = 128L << 20;

  /** 256 MiB. */
  public static final long DEFAULT_MEMORY = 256L << 20;

  public MergeSettings {
    sources = List.copyOf(sources);
    if (memory < LEAST_MEMORY) {
      throw new IllegalArgumentException("memory " + memory + " is less than " + LEAST_MEMORY);
    }
  }

  /** Sources of any format, stamps as they are, in the machine's zone and with default memory. */
  public static MergeSettings of(List<Source> sources) {
    return new MergeSettings(
        sources,
        LogFormat.AUTO,
        ZoneId::systemDefault,
        Optional.empty(),
        DEFAULT_MEMORY,
        Path.of(System.getProperty("java.io.tmpdir")));
  }

  public MergeSettings withFormat(LogFormat value) {
    return new MergeSettings(sources, value, sourceZone, zone, memory, temporary);
  }

  public MergeSettings withSourceZone(ZoneId value) {
    return new MergeSettings(sources, format, () -> value, zone, memory, temporary);
  }

  public MergeSettings withZone(Optional<ZoneOffset> value) {
    return new MergeSettings(sources, format, sourceZone, value, memory, temporary);
  }

  public MergeSettings withMemory(long value) {
    return new MergeSettings(sources, format, sourceZone, zone, value, temporary);
  }

  public MergeSettings withTemporary(Path value) {
    return new MergeSettings(sources, format, sourceZone, zone, memory, value);
  }
}

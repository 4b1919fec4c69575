// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Merges logs into the exact order of their instants: lines of one instant in the order of the
 * sources, and of one source in the order they stand in.
 *
 * <p>Every source is read to its end before the first line is given out, because its last line may
 * be the earliest of all. What is remembered of that reading is small: three octets a line for
 * lines that are nearly in order, which are read again when it is their turn; only late lines and
 * those of packed sources are kept themselves, sorted, in memory or on disk.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * A source that can't be read to its end, or changes while it is read, ends the merge with a {@link
 * LogsException} that names it; in the first case nothing has been given out.
 */
public final class Merge {
  private Merge() {}

  /** Merges into a stream, which is flushed and left open. */
  public static MergeSummary run(MergeSettings settings, OutputStream out, MergeProgress progress)
      throws IOException {
    try (MergeRun run = MergeRun.open(settings, Resumption.NONE, progress)) {
      run.scan();
      run.merge(out);
      out.flush();
      return run.summary();
    }
  }

  /**
   * Merges into a sink.
   *
   * @throws LogsException if a source can't be read to its end, or changed while it was read
   * @throws IOException what the sink throws
   */
  public static MergeSummary run(MergeSettings settings, LineSink sink, MergeProgress progress)
      throws IOException {
    try (MergeRun run = MergeRun.open(settings, Resumption.NONE, progress)) {
      run.scan();
      run.merge(sink);
      return run.summary();
    }
  }
}

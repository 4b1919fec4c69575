// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.greyprint.weblogs.MergeProgress;

/** A bar on standard error, drawn anew each fifth of a second: read and written, in megabytes. */
final class LogsProgress implements MergeProgress, AutoCloseable {
  private static final long REDRAW_NANOS = 200_000_000L;
  private static final int WIDTH = 30;

  private final PrintWriter err;
  private final boolean shown;
  private long drawn = System.nanoTime();

  LogsProgress(PrintWriter err, boolean shown) {
    this.err = err;
    this.shown = shown;
  }

  /** Whether standard error is a terminal. */
  static boolean onTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void at(long done, long total) {
    if (shown && System.nanoTime() - drawn >= REDRAW_NANOS) {
      draw(done, total);
    }
  }

  private synchronized void draw(long done, long total) {
    if (System.nanoTime() - drawn < REDRAW_NANOS) {
      return;
    }
    drawn = System.nanoTime();
    double share = Math.min(1, (double) done / Math.max(total, 1));
    int full = (int) (share * WIDTH);
    err.print(
        String.format(
            Locale.ROOT,
            "\r\u001b[K%s [%s%s] %3.0f%% %,d of %,d MB",
            2 * done < total ? "reading" : "merging",
            "#".repeat(full),
            ".".repeat(WIDTH - full),
            share * 100,
            done / 1_000_000,
            total / 1_000_000));
    err.flush();
  }

  @Override
  public void close() {
    if (shown) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A bar on standard error, drawn anew each fifth of a second, where that is a terminal. */
final class Progress {
  private static final long REDRAW_NANOS = 200_000_000L;
  private static final int WIDTH = 30;

  private final PrintStream err;
  private final boolean shown;
  private long drawn;

  Progress(PrintStream err, boolean shown) {
    this.err = err;
    this.shown = shown;
    this.drawn = System.nanoTime();
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

  /**
   * Tells how far it is.
   *
   * @param total octets of the file, or 0 where that is not known
   */
  void at(String name, long done, long total, long syns) {
    if (!shown || System.nanoTime() - drawn < REDRAW_NANOS) {
      return;
    }
    drawn = System.nanoTime();
    StringBuilder line = new StringBuilder("\r\u001b[K").append(name).append(' ');
    if (total > 0) {
      double share = Math.min(1, (double) done / total);
      int full = (int) (share * WIDTH);
      line.append('[').append("#".repeat(full)).append(".".repeat(WIDTH - full)).append("] ");
      line.append(String.format(Locale.ROOT, "%3.0f%% ", share * 100));
    }
    err.print(line.append(String.format(Locale.ROOT, "%,d SYNs", syns)));
    err.flush();
  }

  void end() {
    if (shown) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }
}

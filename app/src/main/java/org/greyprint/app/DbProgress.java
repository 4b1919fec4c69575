// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.greyprint.replication.Progress;
import org.jspecify.annotations.Nullable;

/** Lines on standard error, and bars for long work where that is a terminal. */
final class DbProgress implements Progress {
  private final PrintWriter err;
  private final boolean terminal;
  private @Nullable ProgressBar bar;

  DbProgress(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  @Override
  public void note(String line) {
    err.println(line);
    err.flush();
  }

  @Override
  public void begin(String what, String unit, long total) {
    if (!terminal) {
      note(what);
      return;
    }
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(Math.max(total, 1))
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200);
    if (unit.equals("bytes")) {
      builder.setUnit(" MB", 1_000_000);
    }
    bar = builder.build();
  }

  @Override
  public void at(long done) {
    ProgressBar shown = bar;
    if (shown != null) {
      if (done > shown.getMax()) {
        shown.maxHint(done);
      }
      shown.stepTo(done);
    }
  }

  @Override
  public void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}

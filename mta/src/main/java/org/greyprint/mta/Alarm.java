// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A deadline that is moved with every command or question and hardly ever passes. Moving it to
 * later costs no timer: the one that runs looks, when it rings, how much is left. Used from its
 * event loop.
 */
public final class Alarm {
  private final EventExecutor loop;
  private final Runnable action;
  private @Nullable ScheduledFuture<?> timer;
  private long timerAt;
  private long deadline;
  private boolean set;

  /**
   * @param action is run when the deadline has passed; it is not set any more then
   */
  public Alarm(EventExecutor loop, Runnable action) {
    this.loop = loop;
    this.action = action;
  }

  /** Moves the deadline to so much from now. */
  public void set(Duration limit) {
    long nanos = limit.toNanos();
    deadline = loop.ticker().nanoTime() + nanos;
    set = true;
    if (timer == null) {
      schedule(nanos);
    } else if (deadline - timerAt < 0) {
      timer.cancel(false);
      schedule(nanos);
    }
  }

  /** There is no deadline now. */
  public void clear() {
    set = false;
  }

  /** There will be none any more. */
  public void end() {
    set = false;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void schedule(long nanos) {
    timerAt = loop.ticker().nanoTime() + nanos;
    timer = loop.schedule(this::ring, nanos, TimeUnit.NANOSECONDS);
  }

  private void ring() {
    timer = null;
    if (!set) {
      return;
    }
    long left = deadline - loop.ticker().nanoTime();
    if (left > 0) {
      schedule(left);
      return;
    }
    set = false;
    action.run();
  }
}

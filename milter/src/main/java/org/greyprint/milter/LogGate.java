// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.concurrent.atomic.AtomicLong;

/** Lets one message of a kind through in ten seconds, so that a broken peer cannot fill the log. */
public final class LogGate {
  private static final long PAUSE_NANOS = 10_000_000_000L;

  private final AtomicLong next = new AtomicLong(System.nanoTime());

  /** Whether to log now. */
  public boolean open() {
    long now = System.nanoTime();
    long due = next.get();
    return now - due >= 0 && next.compareAndSet(due, now + PAUSE_NANOS);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.concurrent.atomic.LongAdder;

/** What a server counted since its start. Every number only grows, but {@link #open}. */
public final class MilterCounters {
  final LongAdder opened = new LongAdder();
  final LongAdder closed = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder commands = new LongAdder();
  final LongAdder malformed = new LongAdder();
  final LongAdder late = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder notAgreed = new LongAdder();
  final LongAdder idle = new LongAdder();

  MilterCounters() {}

  /** Connections there are now. */
  public long open() {
    return Math.max(0, opened.sum() - closed.sum());
  }

  /** Connections that were taken. */
  public long sessions() {
    return opened.sum();
  }

  /** Connections that were closed at once because there were too many. */
  public long refused() {
    return refused.sum();
  }

  /** Frames that were read. */
  public long commands() {
    return commands.sum();
  }

  /** Connections that were closed for a frame that is no command, or is too large. */
  public long malformed() {
    return malformed.sum();
  }

  /** Answers that missed the deadline; "continue" was sent for each. */
  public long late() {
    return late.sum();
  }

  /** Answers that failed; "continue" was sent for each. */
  public long failed() {
    return failed.sum();
  }

  /** Changes and verdicts that were left out because the MTA did not agree to them. */
  public long notAgreed() {
    return notAgreed.sum();
  }

  /** Connections that were closed because nothing came for too long. */
  public long idle() {
    return idle.sum();
  }
}

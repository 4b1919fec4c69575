// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.util.concurrent.atomic.LongAdder;

/** What a face counted since its start; every number only grows. */
public final class FaceCounters {
  final LongAdder sessions = new LongAdder();
  final LongAdder recognised = new LongAdder();
  final LongAdder unseen = new LongAdder();
  final LongAdder notLookedUp = new LongAdder();
  final LongAdder delivered = new LongAdder();
  final LongAdder deferred = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder exempt = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder headers = new LongAdder();
  final LongAdder forged = new LongAdder();
  final LongAdder malformed = new LongAdder();
  final LongAdder refused = new LongAdder();

  /** Clients that were asked about: SMTP sessions, or for the policy service messages. */
  public long sessions() {
    return sessions.sum();
  }

  /** Clients whose SYN was found. */
  public long recognised() {
    return recognised.sum();
  }

  /** Clients whose SYN was looked for and not found; their mail is treated as of unknown OS. */
  public long unseen() {
    return unseen.sum();
  }

  /** Clients without a SYN of their own: local ones, and those behind XCLIENT without a port. */
  public long notLookedUp() {
    return notLookedUp.sum();
  }

  /** Recipients that were taken. */
  public long delivered() {
    return delivered.sum();
  }

  /** Recipients that were deferred. */
  public long deferred() {
    return deferred.sum();
  }

  /** Recipients that were refused for good. */
  public long rejected() {
    return rejected.sum();
  }

  /** Deferrals that were not carried out, because the client is local or authenticated. */
  public long exempt() {
    return exempt.sum();
  }

  /** Questions that could not be decided; the answer was to deliver. */
  public long failed() {
    return failed.sum();
  }

  /** Headers that were put on messages. */
  public long headers() {
    return headers.sum();
  }

  /** Forged headers that were removed. */
  public long forged() {
    return forged.sum();
  }

  /** Policy connections that were closed for what they sent. */
  public long malformed() {
    return malformed.sum();
  }

  /** Policy connections that were closed at once because there were too many. */
  public long refused() {
    return refused.sum();
  }
}

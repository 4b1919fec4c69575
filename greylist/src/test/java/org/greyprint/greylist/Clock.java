// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test sets. */
final class Clock implements InstantSource {
  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private volatile Instant now = START;

  @Override
  public Instant instant() {
    return now;
  }

  void set(Instant time) {
    now = time;
  }

  void advance(Duration time) {
    now = now.plus(time);
  }

  void minutes(double minutes) {
    advance(Duration.ofMillis(Math.round(minutes * 60_000)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** What the next hop offered lately to the first, unencrypted EHLO of a connection. */
final class HopTraits {
  private static final Duration TRUSTED = Duration.ofMinutes(1);

  private record Seen(Capabilities capabilities, Instant until) {}

  private final InstantSource clock;
  private volatile @Nullable Seen seen;

  HopTraits(InstantSource clock) {
    this.clock = clock;
  }

  void keep(Capabilities capabilities) {
    seen = new Seen(capabilities, clock.instant().plus(TRUSTED));
  }

  void forget() {
    seen = null;
  }

  /** What it offered within the last minute; null if that is not known. */
  @Nullable Capabilities recall() {
    Seen known = seen;
    return known != null && clock.instant().isBefore(known.until()) ? known.capabilities() : null;
  }
}

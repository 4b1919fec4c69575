// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One place that a sender and recipient came from, and how it went.
 *
 * @param client the address it last came from
 * @param bits how much of it is compared
 * @param domain the domain SPF passed for, or ""
 * @param pool the provider pool, or ""
 * @param state where it stands
 * @param first when it first came
 * @param last when it last came
 * @param tries how often it came before it passed
 * @param passes how often it passed, as far as that was written down
 * @param delay the delay that was asked for last
 * @param observed whether it was last seen in observe mode
 * @param releasedBy who released it, or ""
 */
record Origin(
    InetAddress client,
    int bits,
    String domain,
    String pool,
    Triplet.State state,
    Instant first,
    Instant last,
    long tries,
    long passes,
    Duration delay,
    boolean observed,
    String releasedBy) {
  /** When it is forgotten. */
  Instant expires(GreylistSettings settings) {
    return state == Triplet.State.PASSED
        ? last.plus(settings.lifetime())
        : first.plus(settings.window());
  }

  boolean alive(Instant now, GreylistSettings settings) {
    return now.isBefore(expires(settings));
  }

  /** Whether an attempt came from here. */
  boolean matches(Place place) {
    return !domain.isEmpty() && domain.equals(place.domain())
        || !pool.isEmpty() && pool.equals(place.pool())
        || Net.around(client, bits).contains(place.client());
  }

  /** The same with all its times moved, after the clock was set back. */
  Origin shifted(Duration by) {
    return new Origin(
        client,
        bits,
        domain,
        pool,
        state,
        first.plus(by),
        last.plus(by),
        tries,
        passes,
        delay,
        observed,
        releasedBy);
  }

  /** After it came again, and is in that state. */
  Origin seen(Place place, Triplet.State next, Instant now, Duration asked, boolean observing) {
    boolean passed = next == Triplet.State.PASSED;
    boolean before = state == Triplet.State.PASSED;
    return new Origin(
        place.client(),
        place.bits(),
        place.domain().isEmpty() ? domain : place.domain(),
        place.pool().isEmpty() ? pool : place.pool(),
        next,
        first,
        now,
        before ? tries : tries + 1,
        passed ? passes + 1 : passes,
        asked,
        observing,
        passed ? "" : releasedBy);
  }

  /** After it was let through by hand. */
  Origin released(String by) {
    return new Origin(
        client,
        bits,
        domain,
        pool,
        Triplet.State.RELEASED,
        first,
        last,
        tries,
        passes,
        delay,
        observed,
        by);
  }

  /** The first try from somewhere. */
  static Origin begin(Place place, Instant now, Duration delay, boolean observing) {
    return new Origin(
        place.client(),
        place.bits(),
        place.domain(),
        place.pool(),
        Triplet.State.WAITING,
        now,
        now,
        1,
        0,
        delay,
        observing,
        "");
  }

  Triplet triplet(String sender, String recipient, GreylistSettings settings) {
    return new Triplet(
        Net.around(client, bits).text(),
        domain,
        pool,
        client,
        sender,
        recipient,
        state,
        first,
        last,
        tries,
        passes,
        first.plus(delay),
        expires(settings),
        observed,
        releasedBy);
  }

  void write(Output out) {
    byte[] address = client.getAddress();
    int flags =
        state.ordinal()
            | (observed ? 4 : 0)
            | (address.length == 16 ? 8 : 0)
            | (domain.isEmpty() ? 0 : 16)
            | (pool.isEmpty() ? 0 : 32)
            | (releasedBy.isEmpty() ? 0 : 64);
    out.octet(flags).octet(bits).raw(address).time(first).time(last, first);
    out.varint(tries).varint(passes).varint(delay.toMillis());
    for (String text : new String[] {domain, pool, releasedBy}) {
      if (!text.isEmpty()) {
        out.text(text);
      }
    }
  }

  static Origin read(Input in) {
    int flags = in.octet();
    int bits = in.octet();
    int length = (flags & 8) == 0 ? 4 : 16;
    InetAddress client = new Net(in.raw(length), length * 8).first();
    Triplet.State[] states = Triplet.State.values();
    if ((flags & 3) >= states.length || flags > 127 || bits > 128) {
      throw new Input.Malformed("unknown state");
    }
    Instant first = in.time();
    Instant last = in.time(first);
    long tries = in.count();
    long passes = in.count();
    Duration delay = Duration.ofMillis(in.count());
    return new Origin(
        client,
        bits,
        (flags & 16) == 0 ? "" : in.text(),
        (flags & 32) == 0 ? "" : in.text(),
        states[flags & 3],
        first,
        last,
        tries,
        passes,
        delay,
        (flags & 4) != 0,
        (flags & 64) == 0 ? "" : in.text());
  }

  /** When an own delay would be over. */
  Optional<Duration> left(Instant now, Duration wanted) {
    Duration left = Duration.between(now, first.plus(wanted));
    return left.isPositive() ? Optional.of(left) : Optional.empty();
  }
}

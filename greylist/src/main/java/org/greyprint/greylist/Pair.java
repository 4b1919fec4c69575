// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A sender and recipient: the places they came from, and the tries since one last passed, from
 * wherever, so that nobody waits forever whose address changes with every try.
 *
 * @param first the first of those tries
 * @param last the last of them
 * @param spaced how many there were that came at least {@link #SPACE} after the one before
 * @param spacedAt the last of these
 * @param origins the places, at most {@link #MOST}
 */
record Pair(Instant first, Instant last, long spaced, Instant spacedAt, List<Origin> origins) {
  /** Most places of one sender and recipient; the one that was not used for longest goes. */
  static final int MOST = 32;

  /** Tries nearer to each other count once. */
  static final Duration SPACE = Duration.ofMinutes(1);

  private static final int VERSION = 1;

  /** What is known of a sender and recipient that never came. */
  static Pair begin(Instant now) {
    return new Pair(now, now, 0, Instant.EPOCH, List.of());
  }

  /** The place an attempt came from: rather one that has passed, else the one known longest. */
  Optional<Origin> at(Place place, Instant now, GreylistSettings settings) {
    Origin found = null;
    for (Origin origin : origins) {
      if (origin.alive(now, settings) && origin.matches(place) && better(origin, found)) {
        found = origin;
      }
    }
    return Optional.ofNullable(found);
  }

  private static boolean better(Origin origin, @org.jspecify.annotations.Nullable Origin than) {
    if (than == null) {
      return true;
    }
    boolean passed = origin.state() == Triplet.State.PASSED;
    boolean other = than.state() == Triplet.State.PASSED;
    return passed == other ? origin.first().isBefore(than.first()) : passed;
  }

  /** With one more try counted. */
  Pair tried(Instant now, GreylistSettings settings) {
    boolean anew = spaced == 0 || !now.isBefore(last.plus(settings.window()));
    if (anew) {
      return new Pair(now, now, 1, now, origins);
    }
    boolean far = !now.isBefore(spacedAt.plus(SPACE));
    return new Pair(first, now, far ? spaced + 1 : spaced, far ? now : spacedAt, origins);
  }

  /** With the count of tries begun anew. */
  Pair settled(Instant now) {
    return new Pair(now, now, 0, Instant.EPOCH, origins);
  }

  /** With one place replaced or added; places that are no longer alive go. */
  Pair with(Optional<Origin> old, Origin now, Instant time, GreylistSettings settings) {
    List<Origin> kept = new ArrayList<>(origins.size() + 1);
    for (Origin origin : origins) {
      if (origin != old.orElse(null) && origin.alive(time, settings)) {
        kept.add(origin);
      }
    }
    kept.add(now);
    if (kept.size() > MOST) {
      kept.remove(kept.stream().min(Comparator.comparing(Origin::last)).orElseThrow());
    }
    return new Pair(first, last, spaced, spacedAt, List.copyOf(kept));
  }

  Pair withOrigins(List<Origin> places) {
    return new Pair(first, last, spaced, spacedAt, List.copyOf(places));
  }

  /** The same with all its times moved, after the clock was set back. */
  Pair shifted(Duration by) {
    return new Pair(
        first.plus(by),
        last.plus(by),
        spaced,
        spaced == 0 ? spacedAt : spacedAt.plus(by),
        origins.stream().map(origin -> origin.shifted(by)).toList());
  }

  /** When it last came from anywhere. */
  Instant latest() {
    Instant latest = last;
    for (Origin origin : origins) {
      latest = origin.last().isAfter(latest) ? origin.last() : latest;
    }
    return latest;
  }

  Instant expires(GreylistSettings settings) {
    Instant end = spaced == 0 ? last : last.plus(settings.window());
    for (Origin origin : origins) {
      Instant its = origin.expires(settings);
      end = its.isAfter(end) ? its : end;
    }
    return end;
  }

  byte[] bytes() {
    Output out = new Output();
    out.octet(VERSION).time(first).time(last, first).varint(spaced);
    if (spaced > 0) {
      out.time(spacedAt, first);
    }
    out.varint(origins.size());
    origins.forEach(origin -> origin.write(out));
    return out.bytes();
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws Input.Malformed if it is something else
   */
  static Pair read(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.octet() != VERSION) {
      throw new Input.Malformed("unknown version");
    }
    Instant first = in.time();
    Instant last = in.time(first);
    long spaced = in.count();
    Instant spacedAt = spaced == 0 ? Instant.EPOCH : in.time(first);
    long count = in.count();
    if (count > MOST) {
      throw new Input.Malformed("too many places");
    }
    List<Origin> origins = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      origins.add(Origin.read(in));
    }
    in.end();
    return new Pair(first, last, spaced, spacedAt, List.copyOf(origins));
  }

  /** How the record of a sender and recipient is named. */
  static String name(String sender, String recipient) {
    return sender + '\n' + recipient;
  }
}

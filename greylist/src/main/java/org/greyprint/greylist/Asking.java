// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.greyprint.greylist.Store.Change;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Value;
import org.greyprint.greylist.Store.View;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one attempt: a pure function of what is stored, the attempt, the lists and the
 * time. What is to be written is told, not done: it is asked by what is stored, and again, by the
 * store's writer, where that has changed before the writing.
 *
 * <p>Order: the lists; a delay of zero; a place that has passed; a correspondent; a place that was
 * released; a proven network or domain; the delay; max-wait and max-tries; else deferred.
 *
 * <p>A clock that was set back: whatever was seen in what is now the future moves back with it, so
 * nobody waits longer than the delay from now.
 */
final class Asking {
  /** Differences that several threads or machines may have are no clock set back. */
  private static final Duration SKEW = Duration.ofSeconds(5);

  /** A known place is written again no sooner than this after the last time. */
  private static final Duration REFRESH = Duration.ofDays(1);

  /** Before max-wait lets someone pass it must have tried that often. */
  private static final int TRIES_FOR_MAX_WAIT = 3;

  private static final View NOTHING = (space, name) -> Optional.empty();

  /** What came out. */
  record Outcome(
      Answer answer,
      List<Change> changes,
      int unreadable,
      boolean setBack,
      Place place,
      String sender,
      String recipient,
      Optional<Exemption> exemption) {}

  private final GreylistSettings settings;
  private final Attempt attempt;
  private final Instant now;
  private final String sender;
  private final String recipient;
  private final Optional<String> aligned;
  private final Optional<Exemption> exemption;
  private final Net network;
  private final String pool;
  private View view = NOTHING;
  private List<Change> changes = List.of();
  private int unreadable;
  private boolean setBack;
  private @Nullable Client domainClient;
  private Place place;

  private Asking(
      GreylistSettings settings, Pools pools, Exemptions exemptions, Attempt attempt, Instant now) {
    this.settings = settings;
    this.attempt = attempt;
    this.now = Instant.ofEpochMilli(now.toEpochMilli());
    this.recipient = Mailboxes.plain(attempt.recipient());
    this.sender = Mailboxes.sender(attempt.sender(), recipient);
    this.aligned = aligned(attempt);
    this.exemption = exemptions.match(attempt, aligned.isPresent(), now);
    boolean four = attempt.client().getAddress().length == 4;
    int bits = four ? settings.networks().ipv4() : settings.networks().ipv6();
    this.network = Net.around(attempt.client(), bits);
    this.pool = pools.find(attempt.client(), attempt.hostName()).orElse("");
    this.place = new Place(attempt.client(), bits, "", "");
  }

  /** Prepares what does not hang on what is stored. */
  static Asking of(
      GreylistSettings settings, Pools pools, Exemptions exemptions, Attempt attempt, Instant now) {
    return new Asking(settings, pools, exemptions, attempt, now);
  }

  /** The answer by what is stored now. One thread at a time. */
  Outcome outcome(View stored) {
    view = stored;
    changes = new ArrayList<>(3);
    unreadable = 0;
    setBack = false;
    domainClient = null;
    place = new Place(attempt.client(), network.bits(), "", "");
    return outcome();
  }

  /** The domain for which SPF passes, where it is the sender's own; HELO's for the null sender. */
  private static Optional<String> aligned(Attempt attempt) {
    if (attempt.spfPass().isEmpty()) {
      return Optional.empty();
    }
    String domain = Mailboxes.host(attempt.spfPass());
    boolean its = attempt.sender().isBlank() || domain.equals(Mailboxes.domain(attempt.sender()));
    return its ? Optional.of(domain) : Optional.empty();
  }

  private Outcome outcome() {
    Duration delay = exemption.map(Exemption::delay).or(attempt::delay).orElse(settings.delay());
    if (delay.compareTo(settings.maxWait()) > 0) {
      delay = settings.maxWait();
    }
    Answer answer;
    if (exemption.isPresent() && exemption.get().delay().isZero()) {
      answer = new Answer.Passed(Why.ALLOWED, Duration.ZERO, 1, exemption.get().id());
    } else if (!delay.isPositive()) {
      answer = new Answer.Passed(Why.NO_DELAY, Duration.ZERO, 1, "");
    } else {
      place = place();
      answer = answer(delay);
    }
    return new Outcome(
        answer, List.copyOf(changes), unreadable, setBack, place, sender, recipient, exemption);
  }

  private Place place() {
    String domain = "";
    if (aligned.isPresent() && settings.pools().spf()) {
      Client known = client(Client.name(aligned.get()));
      domainClient = known;
      domain = known.tooWide(network, settings) ? "" : aligned.get();
    }
    return new Place(attempt.client(), network.bits(), domain, pool);
  }

  private Answer answer(Duration delay) {
    Pair pair = pair();
    Optional<Origin> found = pair.at(place, now, settings);
    if (found.isPresent() && found.get().state() == Triplet.State.PASSED) {
      return known(pair, found.get(), delay);
    }
    Optional<String> correspondent = correspondent();
    if (correspondent.isPresent()) {
      return let(pair, found, Why.CORRESPONDENT, correspondent.get(), delay);
    }
    if (found.isPresent() && found.get().state() == Triplet.State.RELEASED) {
      return let(pair, found, Why.RELEASED, found.get().releasedBy(), delay);
    }
    Optional<String> proven = proven();
    if (proven.isPresent()) {
      return let(pair, found, Why.PROVEN, proven.get(), delay);
    }
    if (found.isPresent() && found.get().left(now, delay).isEmpty()) {
      return let(pair.tried(now, settings), found, Why.RETRY, "", delay);
    }
    Pair tried = pair.tried(now, settings);
    Duration underWay = Duration.between(tried.first(), now);
    if (tried.spaced() >= TRIES_FOR_MAX_WAIT && underWay.compareTo(settings.maxWait()) >= 0) {
      return let(tried, found, Why.MAX_WAIT, "", delay);
    }
    // Bounces come from everywhere to the same recipient, and are no tries of one sender.
    if (settings.maxTries() > 0 && !sender.isEmpty() && tried.spaced() >= settings.maxTries()) {
      return let(tried, found, Why.MAX_TRIES, "", delay);
    }
    return defer(tried, found, delay);
  }

  private Answer known(Pair pair, Origin origin, Duration delay) {
    Duration refresh = Sweeper.shorter(REFRESH, settings.lifetime().dividedBy(8));
    if (!now.isBefore(origin.last().plus(refresh))) {
      Origin seen = origin.seen(place, Triplet.State.PASSED, now, delay, attempt.observe());
      write(pair.with(Optional.of(origin), seen, now, settings));
      credit();
    } else if (setBack) {
      write(pair);
    }
    return new Answer.Passed(Why.KNOWN, Duration.ZERO, origin.tries(), "");
  }

  private Answer let(Pair pair, Optional<Origin> found, Why why, String by, Duration delay) {
    boolean waited = found.isPresent() || why == Why.MAX_WAIT || why == Why.MAX_TRIES;
    if (!waited) {
      // Nothing to remember: the reason it passes will hold the next time.
      return new Answer.Passed(why, Duration.ZERO, 1, by);
    }
    Origin before = found.orElseGet(() -> Origin.begin(place, now, delay, attempt.observe()));
    Origin passed =
        found.isPresent()
            ? before.seen(place, Triplet.State.PASSED, now, delay, attempt.observe())
            : begunAndPassed(before, delay);
    Instant since = why == Why.MAX_WAIT || why == Why.MAX_TRIES ? pair.first() : before.first();
    long tries =
        why == Why.MAX_WAIT || why == Why.MAX_TRIES
            ? Math.max(pair.spaced(), passed.tries())
            : passed.tries();
    write(pair.settled(now).with(found, passed, now, settings));
    if (why == Why.RETRY) {
      credit();
    }
    return new Answer.Passed(why, Duration.between(since, now), tries, by);
  }

  private Origin begunAndPassed(Origin begun, Duration delay) {
    Origin passed = begun.seen(place, Triplet.State.PASSED, now, delay, attempt.observe());
    return new Origin(
        passed.client(),
        passed.bits(),
        passed.domain(),
        passed.pool(),
        passed.state(),
        passed.first(),
        passed.last(),
        1,
        passed.passes(),
        passed.delay(),
        passed.observed(),
        "");
  }

  private Answer defer(Pair tried, Optional<Origin> found, Duration delay) {
    Origin waiting =
        found
            .map(before -> before.seen(place, Triplet.State.WAITING, now, delay, attempt.observe()))
            .orElseGet(() -> Origin.begin(place, now, delay, attempt.observe()));
    write(tried.with(found, waiting, now, settings));
    Client domain = domainClient;
    if (domain != null && !place.domain().isEmpty() && !domain.knows(network)) {
      write(Client.name(place.domain()), domain.with(network, now));
    }
    Duration left = waiting.left(now, delay).orElse(Duration.ofMillis(1));
    return new Answer.Deferred(left, found.isPresent() ? Why.EARLY : Why.NEW, waiting.tries());
  }

  private Optional<String> correspondent() {
    if (!settings.correspondents().enabled() || aligned.isEmpty() || attempt.sender().isBlank()) {
      return Optional.empty();
    }
    String other = Mailboxes.withoutExtension(Mailboxes.plain(attempt.sender()));
    String user = Mailboxes.withoutExtension(recipient);
    Optional<Stamp> stamp = read(Space.CORRESPONDENT, Stamp.name(user, other), Stamp::read);
    boolean holds =
        stamp.isPresent()
            && now.isBefore(stamp.get().last().plus(settings.correspondents().expiry()));
    return holds ? Optional.of(user + " wrote to " + other) : Optional.empty();
  }

  private Optional<String> proven() {
    if (settings.autoAllow().deliveries() == 0) {
      return Optional.empty();
    }
    GreylistSettings.AutoAllow.Scope scope = settings.autoAllow().scope();
    if (scope != GreylistSettings.AutoAllow.Scope.DOMAIN) {
      String name = Client.name(network);
      if (shown(name, client(name))) {
        return Optional.of(network.text());
      }
    }
    Client domain = domainClient;
    if (scope != GreylistSettings.AutoAllow.Scope.NETWORK
        && domain != null
        && !place.domain().isEmpty()
        && shown(Client.name(place.domain()), domain)) {
      return Optional.of(place.domain());
    }
    return Optional.empty();
  }

  /** Whether a client has proven itself; if so its time runs anew. */
  private boolean shown(String name, Client client) {
    if (!client.proven(now, settings)) {
      return false;
    }
    if (!now.isBefore(client.seen().plus(REFRESH))) {
      write(name, client.at(now));
    }
    return true;
  }

  /** Counts a delivery for network and domain. */
  private void credit() {
    GreylistSettings.AutoAllow rule = settings.autoAllow();
    if (rule.deliveries() == 0) {
      return;
    }
    if (rule.scope() != GreylistSettings.AutoAllow.Scope.DOMAIN) {
      credit(Client.name(network), client(Client.name(network)));
    }
    Client domain = domainClient;
    if (rule.scope() != GreylistSettings.AutoAllow.Scope.NETWORK
        && domain != null
        && !place.domain().isEmpty()) {
      credit(Client.name(place.domain()), domain.with(network, now));
    }
  }

  private void credit(String name, Client before) {
    Client after = before.delivered(now, settings);
    if (!after.equals(before.at(now)) || !now.isBefore(before.seen().plus(REFRESH))) {
      write(name, after);
    }
  }

  private Pair pair() {
    Pair stored =
        read(Space.TRIPLET, Pair.name(sender, recipient), Pair::read).orElse(Pair.begin(now));
    Duration ahead = Duration.between(now, stored.latest());
    if (ahead.compareTo(SKEW) <= 0) {
      return stored;
    }
    setBack = true;
    return stored.shifted(ahead.negated());
  }

  private Client client(String name) {
    return read(Space.CLIENT, name, Client::read)
        .map(client -> client.notAfter(now))
        .orElse(Client.begin(now));
  }

  /** A record that cannot be read counts as none. */
  private <T> Optional<T> read(Space space, String name, Function<byte[], T> reader) {
    Optional<Value> value = view.get(space, name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(value.get().bytes()));
    } catch (Input.Malformed e) {
      unreadable++;
      return Optional.empty();
    }
  }

  private void write(Pair pair) {
    Value value = new Value(pair.bytes(), pair.expires(settings));
    changes.add(new Change(Space.TRIPLET, Pair.name(sender, recipient), Optional.of(value)));
  }

  private void write(String name, Client client) {
    Value value = new Value(client.bytes(), client.expires(settings));
    changes.add(new Change(Space.CLIENT, name, Optional.of(value)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.greyprint.greylist.Asking.Outcome;
import org.greyprint.greylist.Store.Change;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Value;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The greylist over a store. */
final class StoredGreylist implements Greylist {
  private static final Logger LOG = LoggerFactory.getLogger(Greylist.class);

  /** For what does not expire. */
  static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

  private final Store store;
  private final InstantSource clock;
  private final GreylistCounters counters = new GreylistCounters();
  private final Lists lists;
  private final Administration administration;
  private final Sweeper sweeper;
  private final Object failing = new Object();
  private long failedInARow;
  private volatile GreylistSettings settings;
  private volatile Pools pools;

  StoredGreylist(GreylistSettings settings, Pools pools, Store store, InstantSource clock) {
    this.settings = settings;
    this.pools = pools;
    this.store = store;
    this.clock = clock;
    this.lists = new Lists(store, clock, counters);
    this.administration = new Administration(store, counters);
    this.sweeper = new Sweeper(store, clock, lists, counters);
  }

  /** Loads the lists and begins with the background work. */
  StoredGreylist begin() {
    sweeper.begin();
    return this;
  }

  @Override
  public CompletionStage<Answer> ask(Attempt attempt) {
    CompletionStage<Outcome> outcome;
    try {
      Asking asking = asking(attempt);
      outcome = store.amend(asking::outcome, Outcome::changes);
    } catch (RuntimeException e) {
      outcome = CompletableFuture.failedFuture(e);
    }
    return outcome.handle((seen, failure) -> failure == null ? answered(seen) : failed(failure));
  }

  private Asking asking(Attempt attempt) {
    return Asking.of(settings, pools, lists.current(), attempt, clock.instant());
  }

  private Answer answered(Outcome outcome) {
    switch (outcome.answer()) {
      case Answer.Passed passed -> counters.count(passed.why());
      case Answer.Deferred deferred -> counters.count(deferred.why());
      case Answer.Failed failed -> counters.failures.increment();
    }
    counters.recorded.add(outcome.changes().size());
    counters.unreadable.add(outcome.unreadable());
    if (outcome.setBack()) {
      counters.clockSetBack.increment();
    }
    // What was only read tells nothing of a disk that is full.
    if (failedInARow > 0 && !outcome.changes().isEmpty()) {
      works();
    }
    return outcome.answer();
  }

  private Answer failed(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure;
    counters.failures.increment();
    synchronized (failing) {
      if (failedInARow++ == 0) {
        LOG.warn(
            "the greylist's store cannot be used, mail is delivered: {} (logged once)",
            cause.getMessage() == null ? cause.toString() : cause.getMessage());
      }
    }
    return new Answer.Failed(String.valueOf(cause.getMessage()));
  }

  private void works() {
    synchronized (failing) {
      if (failedInARow > 0) {
        LOG.info("the greylist's store works again; {} answers failed", failedInARow);
        failedInARow = 0;
      }
    }
  }

  @Override
  public CompletionStage<Explanation> explain(Attempt attempt) {
    GreylistSettings now = settings;
    Instant time = clock.instant();
    return store.read(view -> {
      Outcome outcome = asking(attempt).outcome(view);
      List<Triplet> triplets = new ArrayList<>();
      view.get(Space.TRIPLET, Pair.name(outcome.sender(), outcome.recipient()))
          .flatMap(value -> counters.read(value, Pair::read))
          .ifPresent(pair ->
              pair.origins()
                  .forEach(origin ->
                      triplets.add(origin.triplet(outcome.sender(), outcome.recipient(), now))));
      List<ClientState> clients = new ArrayList<>();
      List<String> names = new ArrayList<>(List.of(Client.name(outcome.place().network())));
      if (!attempt.spfPass().isEmpty()) {
        names.add(Client.name(Mailboxes.host(attempt.spfPass())));
      }
      for (String name : names) {
        view.get(Space.CLIENT, name)
            .flatMap(value -> counters.read(value, Client::read))
            .ifPresent(client -> clients.add(client.state(name, time, now)));
      }
      String user = Mailboxes.withoutExtension(outcome.recipient());
      String other = Mailboxes.withoutExtension(Mailboxes.plain(attempt.sender()));
      Optional<Correspondent> correspondent =
          view.get(Space.CORRESPONDENT, Stamp.name(user, other))
              .flatMap(value -> counters.read(value, Stamp::read))
              .map(stamp -> correspondent(user, other, stamp, now));
      return new Explanation(
          outcome.answer(),
          outcome.sender(),
          outcome.recipient(),
          outcome.place().names(),
          List.copyOf(triplets),
          List.copyOf(clients),
          outcome.exemption(),
          correspondent);
    });
  }

  static Correspondent correspondent(
      String user, String other, Stamp stamp, GreylistSettings settings) {
    return new Correspondent(
        user, other, stamp.last(), stamp.last().plus(settings.correspondents().expiry()));
  }

  @Override
  public CompletionStage<Void> wrote(String user, String other) {
    if (user.isBlank() || other.isBlank() || !settings.correspondents().enabled()) {
      return CompletableFuture.completedFuture(null);
    }
    String name =
        Stamp.name(
            Mailboxes.withoutExtension(Mailboxes.plain(user)),
            Mailboxes.withoutExtension(Mailboxes.plain(other)));
    Instant now = clock.instant();
    Duration expiry = settings.correspondents().expiry();
    Instant fresh = now.minus(Sweeper.shorter(Duration.ofDays(1), expiry.dividedBy(8)));
    Value value = new Value(new Stamp(now).bytes(), now.plus(expiry));
    List<Change> noted = List.of(new Change(Space.CORRESPONDENT, name, Optional.of(value)));
    return store
        .amend(
            view ->
                view.get(Space.CORRESPONDENT, name)
                    .flatMap(stored -> counters.read(stored, Stamp::read))
                    .filter(stamp -> stamp.last().isAfter(fresh) && !stamp.last().isAfter(now))
                    .isPresent(),
            known -> known ? List.of() : noted)
        .thenAccept(known -> {});
  }

  @Override
  public CompletionStage<Page<Triplet>> list(TripletFilter filter, String after, int most) {
    return administration.list(Matcher.of(filter), settings, after, most);
  }

  @Override
  public CompletionStage<Page<Correspondent>> correspondents(String after, int most) {
    return administration.correspondents(settings, after, most);
  }

  @Override
  public CompletionStage<Page<ClientState>> clients(String after, int most) {
    return administration.clients(settings, clock.instant(), after, most);
  }

  @Override
  public CompletionStage<Integer> release(TripletFilter filter, String by) {
    return administration.release(Matcher.of(filter), settings, by);
  }

  @Override
  public CompletionStage<Integer> forget(TripletFilter filter) {
    return administration.forget(Matcher.of(filter), settings);
  }

  @Override
  public CompletionStage<Exemption> allow(Exemption exemption) {
    return lists.add(Exemptions.normal(exemption));
  }

  @Override
  public CompletionStage<Boolean> remove(String id) {
    return lists.remove(id);
  }

  @Override
  public List<Exemption> exemptions() {
    Instant now = clock.instant();
    return lists.current().list().stream().filter(each -> Exemptions.holds(each, now)).toList();
  }

  @Override
  public void settings(GreylistSettings replacement) {
    settings = Objects.requireNonNull(replacement);
  }

  @Override
  public GreylistSettings settings() {
    return settings;
  }

  @Override
  public void pools(Pools replacement) {
    pools = Objects.requireNonNull(replacement);
  }

  @Override
  public GreylistCounters counters() {
    return counters;
  }

  @Override
  public Optional<String> trouble() {
    return store.trouble();
  }

  @Override
  public void close() {
    sweeper.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.greyprint.greylist.Store.Named;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Transaction;
import org.greyprint.greylist.Store.Value;

/** Looking at the stored records and changing them by hand. */
final class Administration {
  private static final int STEP = 1000;

  private final Store store;
  private final GreylistCounters counters;

  Administration(Store store, GreylistCounters counters) {
    this.store = store;
    this.counters = counters;
  }

  CompletionStage<Page<Triplet>> list(
      Matcher matcher, GreylistSettings settings, String after, int most) {
    return collect(
        Space.TRIPLET,
        matcher.single(),
        after,
        most,
        new ArrayList<>(),
        named -> {
          String sender = sender(named.name());
          String recipient = recipient(named.name());
          if (!matcher.matches(sender, recipient)) {
            return List.of();
          }
          return counters.read(named.value(), Pair::read).stream()
              .flatMap(pair -> pair.origins().stream())
              .filter(matcher::matches)
              .map(origin -> origin.triplet(sender, recipient, settings))
              .toList();
        });
  }

  CompletionStage<Page<Correspondent>> correspondents(
      GreylistSettings settings, String after, int most) {
    return collect(
        Space.CORRESPONDENT,
        Optional.empty(),
        after,
        most,
        new ArrayList<>(),
        named ->
            counters.read(named.value(), Stamp::read).stream()
                .map(stamp ->
                    StoredGreylist.correspondent(
                        sender(named.name()), recipient(named.name()), stamp, settings))
                .toList());
  }

  CompletionStage<Page<ClientState>> clients(
      GreylistSettings settings, Instant now, String after, int most) {
    return collect(
        Space.CLIENT,
        Optional.empty(),
        after,
        most,
        new ArrayList<>(),
        named ->
            counters.read(named.value(), Client::read).stream()
                .map(client -> client.state(named.name(), now, settings))
                .toList());
  }

  private static String sender(String name) {
    int end = name.indexOf('\n');
    return end < 0 ? name : name.substring(0, end);
  }

  private static String recipient(String name) {
    return name.substring(name.indexOf('\n') + 1);
  }

  /** Scans on until there are enough; the records of one name stay together. */
  private <T> CompletionStage<Page<T>> collect(
      Space space,
      Optional<String> single,
      String after,
      int most,
      List<T> found,
      Function<Named, List<T>> reader) {
    if (single.isPresent()) {
      return store.read(view ->
          new Page<>(
              view.get(space, single.get())
                  .map(value -> reader.apply(new Named(single.get(), value)))
                  .orElse(List.of()),
              Optional.empty()));
    }
    return store
        .scan(space, after, STEP)
        .thenCompose(page -> {
          for (Named named : page) {
            found.addAll(reader.apply(named));
            if (found.size() >= most) {
              return CompletableFuture.completedFuture(
                  new Page<>(found, Optional.of(named.name())));
            }
          }
          if (page.size() < STEP) {
            return CompletableFuture.completedFuture(new Page<>(found, Optional.empty()));
          }
          return collect(space, single, page.getLast().name(), most, found, reader);
        });
  }

  CompletionStage<Integer> release(Matcher matcher, GreylistSettings settings, String by) {
    return change(
        matcher,
        "",
        0,
        (transaction, name) -> {
          Optional<Pair> pair = pair(transaction, name);
          if (pair.isEmpty()) {
            return 0;
          }
          int released = 0;
          List<Origin> origins = new ArrayList<>();
          for (Origin origin : pair.get().origins()) {
            boolean wanted = matcher.matches(origin) && origin.state() == Triplet.State.WAITING;
            released += wanted ? 1 : 0;
            origins.add(wanted ? origin.released(by) : origin);
          }
          if (released > 0) {
            put(transaction, name, pair.get().withOrigins(origins), settings);
          }
          return released;
        });
  }

  CompletionStage<Integer> forget(Matcher matcher, GreylistSettings settings) {
    return change(
        matcher,
        "",
        0,
        (transaction, name) -> {
          Optional<Pair> pair = pair(transaction, name);
          if (pair.isEmpty()) {
            return 0;
          }
          List<Origin> kept =
              pair.get().origins().stream().filter(origin -> !matcher.matches(origin)).toList();
          int forgotten = pair.get().origins().size() - kept.size();
          if (kept.isEmpty()) {
            transaction.remove(Space.TRIPLET, name);
          } else if (forgotten > 0) {
            put(transaction, name, pair.get().withOrigins(kept), settings);
          }
          return forgotten;
        });
  }

  private Optional<Pair> pair(Transaction transaction, String name) {
    return transaction.get(Space.TRIPLET, name).flatMap(value -> counters.read(value, Pair::read));
  }

  private static void put(
      Transaction transaction, String name, Pair pair, GreylistSettings settings) {
    Value value = new Value(pair.bytes(), pair.expires(settings));
    transaction.put(Space.TRIPLET, name, value);
  }

  /** Applies a change to each record that matches, a page at a time; counts what it did. */
  private CompletionStage<Integer> change(
      Matcher matcher, String after, int before, BiFunction<Transaction, String, Integer> change) {
    if (matcher.single().isPresent()) {
      String name = matcher.single().get();
      return store.update(transaction -> change.apply(transaction, name));
    }
    return store
        .scan(Space.TRIPLET, after, STEP)
        .thenCompose(page -> {
          CompletableFuture<Integer> sum = CompletableFuture.completedFuture(before);
          for (Named named : page) {
            String name = named.name();
            if (matcher.matches(sender(name), recipient(name)) && any(matcher, named)) {
              CompletionStage<Integer> one =
                  store.update(transaction -> change.apply(transaction, name));
              sum = sum.thenCombine(one, Integer::sum);
            }
          }
          return page.size() < STEP
              ? sum
              : sum.thenCompose(count -> change(matcher, page.getLast().name(), count, change));
        });
  }

  private boolean any(Matcher matcher, Named named) {
    return counters
        .read(named.value(), Pair::read)
        .filter(pair -> pair.origins().stream().anyMatch(matcher::matches))
        .isPresent();
  }
}

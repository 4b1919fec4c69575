// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.greyprint.greylist.Store.Named;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Value;

/**
 * The list entries: kept in the store, held in memory. If the store has to begin anew, the ones in
 * memory are written again.
 */
final class Lists {
  private final Store store;
  private final InstantSource clock;
  private final GreylistCounters counters;
  private volatile Exemptions current = Exemptions.NONE;
  private volatile boolean loaded;
  private long generation;

  Lists(Store store, InstantSource clock, GreylistCounters counters) {
    this.store = store;
    this.clock = clock;
    this.counters = counters;
  }

  Exemptions current() {
    return current;
  }

  /** Reads them, or writes them again, if that is needed; does nothing while the store fails. */
  void refresh() {
    long latest = store.generation();
    boolean anew = loaded && latest != generation;
    if (loaded && !anew && !store.shared()) {
      return;
    }
    try {
      List<Exemption> stored = read();
      if (anew) {
        List<Exemption> missing = new ArrayList<>(current.list());
        stored.forEach(each -> missing.removeIf(known -> known.id().equals(each.id())));
        for (Exemption exemption : missing) {
          put(exemption).toCompletableFuture().join();
        }
        stored.addAll(missing);
      }
      replace(stored);
      generation = latest;
      loaded = true;
    } catch (RuntimeException e) {
      // The store says itself what is wrong with it; this is tried again.
      counters.listFailures.increment();
    }
  }

  private List<Exemption> read() {
    List<Exemption> found = new ArrayList<>();
    String after = "";
    List<Named> page;
    do {
      page = store.scan(Space.EXEMPTION, after, 1000).toCompletableFuture().join();
      for (Named named : page) {
        counters.read(named.value(), Exemptions::read).ifPresent(found::add);
        after = named.name();
      }
    } while (page.size() == 1000 && found.size() < Exemptions.MOST);
    return found;
  }

  private synchronized void replace(List<Exemption> all) {
    current = new Exemptions(all);
  }

  private CompletionStage<Exemption> put(Exemption exemption) {
    Value value =
        new Value(Exemptions.bytes(exemption), exemption.expires().orElse(StoredGreylist.NEVER));
    return store.update(transaction -> {
      transaction.put(Space.EXEMPTION, exemption.id(), value);
      return exemption;
    });
  }

  CompletionStage<Exemption> add(Exemption exemption) {
    if (current.size() >= Exemptions.MOST && current.find(exemption.id()).isEmpty()) {
      return CompletableFuture.failedFuture(
          new IOException("there are " + Exemptions.MOST + " list entries, remove some"));
    }
    return put(exemption)
        .thenApply(stored -> {
          change(stored.id(), List.of(stored));
          return stored;
        });
  }

  CompletionStage<Boolean> remove(String id) {
    return store
        .update(transaction -> {
          boolean there = transaction.get(Space.EXEMPTION, id).isPresent();
          transaction.remove(Space.EXEMPTION, id);
          return there;
        })
        .thenApply(there -> {
          change(id, List.of());
          return there;
        });
  }

  private synchronized void change(String id, List<Exemption> instead) {
    List<Exemption> all = new ArrayList<>(current.list());
    all.removeIf(each -> each.id().equals(id) || !Exemptions.holds(each, clock.instant()));
    all.addAll(instead);
    current = new Exemptions(all);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.greyprint.greylist.Store.Change;
import org.greyprint.greylist.Store.Named;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Swept;
import org.greyprint.greylist.Store.Value;
import org.greyprint.greylist.Store.View;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must do. */
abstract class StoreContract {
  private static final Instant T = Instant.parse("2026-02-03T04:05:06Z");

  private Store store;

  /** An empty store. */
  abstract Store fresh() throws Exception;

  /** The same store after it was closed and opened; or itself if it keeps nothing. */
  abstract Store again(Store closed) throws Exception;

  @BeforeEach
  void begin() throws Exception {
    store = fresh();
  }

  @AfterEach
  void end() {
    store.close();
  }

  static Value value(String text, Instant expires) {
    return new Value(text.getBytes(StandardCharsets.UTF_8), expires);
  }

  static String text(Value value) {
    return new String(value.bytes(), StandardCharsets.UTF_8);
  }

  static <T> T join(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private void put(Space space, String name, String text, Instant expires) {
    join(
        store.update(transaction -> {
          transaction.put(space, name, value(text, expires));
          return true;
        }));
  }

  private Optional<String> get(Space space, String name) {
    return join(store.read(view -> view.get(space, name))).map(StoreContract::text);
  }

  @Test
  void whatIsWrittenIsRead() {
    put(Space.TRIPLET, "a\nb", "one", T);
    put(Space.CLIENT, "a\nb", "two", T);
    put(Space.TRIPLET, "ä€\n", "", T);
    assertThat(get(Space.TRIPLET, "a\nb")).contains("one");
    assertThat(get(Space.CLIENT, "a\nb")).contains("two");
    assertThat(get(Space.TRIPLET, "ä€\n")).contains("");
    assertThat(get(Space.EXEMPTION, "a\nb")).isEmpty();
    put(Space.TRIPLET, "a\nb", "three", T);
    assertThat(get(Space.TRIPLET, "a\nb")).contains("three");
    boolean still =
        join(
            store.update(transaction -> {
              transaction.remove(Space.TRIPLET, "a\nb");
              transaction.remove(Space.TRIPLET, "never there");
              return transaction.get(Space.TRIPLET, "a\nb").isPresent();
            }));
    assertThat(still).isFalse();
    assertThat(get(Space.TRIPLET, "a\nb")).isEmpty();
  }

  @Test
  void whatWasWrittenIsThereAfterItWasClosed() throws Exception {
    for (int i = 0; i < 100; i++) {
      put(Space.CORRESPONDENT, "name " + i, "text " + i, T.plusSeconds(i));
    }
    store.close();
    Store reopened = again(store);
    if (reopened != store) {
      store = reopened;
      for (int i = 0; i < 100; i++) {
        assertThat(get(Space.CORRESPONDENT, "name " + i)).contains("text " + i);
      }
    } else {
      assertThatThrownBy(() -> get(Space.CORRESPONDENT, "name 1"))
          .hasRootCauseInstanceOf(IOException.class);
      store = fresh();
    }
  }

  @Test
  void expiryIsKeptInWholeSecondsRoundedUp() {
    put(Space.CLIENT, "n", "x", T.plusMillis(1));
    Optional<Value> stored = join(store.read(view -> view.get(Space.CLIENT, "n")));
    assertThat(stored.orElseThrow().expires()).isEqualTo(T.plusSeconds(1));
  }

  private static List<Change> next(int seen, String name) {
    return List.of(
        new Change(Space.CLIENT, name, Optional.of(value(Integer.toString(seen + 1), T))));
  }

  private static int number(View view, String name) {
    return view.get(Space.CLIENT, name).map(v -> Integer.parseInt(text(v))).orElse(0);
  }

  @Test
  void whatComesOfWhatWasSeenIsWritten() {
    put(Space.CLIENT, "old", "x", T);
    List<Change> changes =
        List.of(
            new Change(Space.CLIENT, "new", Optional.of(value("y", T))),
            new Change(Space.CLIENT, "old", Optional.empty()));
    boolean seen =
        join(store.amend(view -> view.get(Space.CLIENT, "old").isPresent(), any -> changes));
    assertThat(seen).isTrue();
    assertThat(get(Space.CLIENT, "new")).contains("y");
    assertThat(get(Space.CLIENT, "old")).isEmpty();
    int none = join(store.amend(view -> number(view, "none"), any -> List.of()));
    assertThat(none).isZero();
  }

  /** As when another client's attempt is written between look and write. */
  @Test
  void whatChangedMeanwhileIsLookedAtAgain() {
    List<Integer> looks = new ArrayList<>();
    int result =
        join(
            store.amend(
                view -> {
                  int number = number(view, "n");
                  looks.add(number);
                  return number;
                },
                seen -> {
                  if (looks.size() == 1) {
                    put(Space.CLIENT, "n", "41", T);
                  }
                  return next(seen, "n");
                }));
    assertThat(looks).endsWith(41);
    assertThat(result).isEqualTo(41);
    assertThat(get(Space.CLIENT, "n")).contains("42");
  }

  /** Not even where many look at once, at names that share a place in what is kept in memory. */
  @Test
  void noAmendmentIsLost() throws Exception {
    int threads = 4;
    int each = 3000;
    int names = 7;
    try (ExecutorService askers = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        all.add(
            askers.submit(() -> {
              List<CompletionStage<Integer>> open = new ArrayList<>();
              for (int i = 0; i < each; i++) {
                String name = "counter " + (first + i) % names;
                open.add(store.amend(view -> number(view, name), seen -> next(seen, name)));
                if (open.size() == 20) {
                  open.forEach(StoreContract::join);
                  open.clear();
                }
              }
              open.forEach(StoreContract::join);
            }));
      }
      for (Future<?> asker : all) {
        asker.get(120, TimeUnit.SECONDS);
      }
    }
    int sum = 0;
    for (int i = 0; i < names; i++) {
      sum += Integer.parseInt(get(Space.CLIENT, "counter " + i).orElseThrow());
    }
    assertThat(sum).isEqualTo(threads * each);
  }

  @Test
  void changesRunAloneAndSeeWhatWasWrittenBefore() {
    List<CompletionStage<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      String name = "counter " + i % 3;
      all.add(
          store.update(transaction -> {
            int next =
                1
                    + transaction
                        .get(Space.CLIENT, name)
                        .map(v -> Integer.parseInt(text(v)))
                        .orElse(0);
            transaction.put(Space.CLIENT, name, value(Integer.toString(next), T));
            assertThat(transaction.get(Space.CLIENT, name).map(StoreContract::text))
                .contains(Integer.toString(next));
            return next;
          }));
    }
    int last = all.stream().mapToInt(StoreContract::join).max().orElseThrow();
    assertThat(last).isEqualTo(667);
    assertThat(get(Space.CLIENT, "counter 0")).contains("667");
    assertThat(get(Space.CLIENT, "counter 1")).contains("667");
    assertThat(get(Space.CLIENT, "counter 2")).contains("666");
  }

  @Test
  void aChangeThatThrowsChangesNothingAndHarmsNoOther() throws Exception {
    CompletableFuture<Integer> bad =
        store
            .<Integer>update(transaction -> {
              transaction.put(Space.TRIPLET, "bad", value("x", T));
              throw new IllegalStateException("drawn");
            })
            .toCompletableFuture();
    put(Space.TRIPLET, "good", "y", T);
    assertThatThrownBy(() -> bad.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("drawn");
    assertThat(get(Space.TRIPLET, "bad")).isEmpty();
    assertThat(get(Space.TRIPLET, "good")).contains("y");
    assertThat(store.trouble()).isEmpty();
  }

  @Test
  void pagesGoThroughASpaceInOrder() {
    for (int i = 0; i < 25; i++) {
      put(Space.EXEMPTION, "name " + (char) ('a' + i), "text " + i, T);
      put(Space.TRIPLET, "other " + i, "", T);
    }
    List<String> names = new ArrayList<>();
    String after = "";
    List<Named> page;
    do {
      page = join(store.scan(Space.EXEMPTION, after, 10));
      page.forEach(named -> names.add(named.name()));
      after = page.isEmpty() ? "" : page.getLast().name();
    } while (page.size() == 10);
    assertThat(names).hasSize(25).isSorted().startsWith("name a").endsWith("name y");
    assertThat(join(store.scan(Space.CORRESPONDENT, "", 10))).isEmpty();
  }

  @Test
  void sweepingDropsWhatHasExpiredAndNothingElse() {
    Random random = new Random(20260203);
    Map<Space, Map<String, Instant>> all = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      Space space = Space.values()[random.nextInt(4)];
      Instant expires = T.plusSeconds(random.nextInt(1000));
      put(space, "n" + i, "x", expires);
      all.computeIfAbsent(space, each -> new TreeMap<>()).put("n" + i, expires);
    }
    Instant now = T.plusSeconds(500);
    int removed = 0;
    int steps = 0;
    // Two rounds, because a round may begin anywhere.
    for (int rounds = 0; rounds < 2; steps++) {
      Swept swept = join(store.sweep(now, 30));
      assertThat(swept.examined()).isBetween(0, 30);
      removed += swept.removed();
      rounds += swept.round() ? 1 : 0;
      assertThat(steps).isLessThan(1000);
    }
    int expected = 0;
    for (Space space : Space.values()) {
      List<String> kept = new ArrayList<>();
      for (Map.Entry<String, Instant> each : all.getOrDefault(space, Map.of()).entrySet()) {
        if (each.getValue().isBefore(now)) {
          expected++;
        } else {
          kept.add(each.getKey());
        }
      }
      assertThat(join(store.scan(space, "", 1000)).stream().map(Named::name))
          .containsExactlyElementsOf(kept);
    }
    assertThat(removed).isEqualTo(expected).isGreaterThan(100);
  }

  @Test
  void aClosedStoreFailsWhateverIsAsked() {
    store.close();
    assertThat(store.read(view -> true).toCompletableFuture())
        .failsWithin(java.time.Duration.ofSeconds(60));
    assertThat(store.update(view -> true).toCompletableFuture())
        .failsWithin(java.time.Duration.ofSeconds(60))
        .withThrowableThat()
        .havingRootCause()
        .isInstanceOf(IOException.class);
    assertThat(store.scan(Space.CLIENT, "", 1).toCompletableFuture())
        .failsWithin(java.time.Duration.ofSeconds(60));
  }
}

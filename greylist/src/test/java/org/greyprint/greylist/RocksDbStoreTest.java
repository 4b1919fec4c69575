// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.greyprint.greylist.Store.Change;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store on disk. */
class RocksDbStoreTest extends StoreContract {
  private static final Instant T = Instant.parse("2026-02-03T04:05:06Z");

  @TempDir Path temp;

  @Override
  Store fresh() throws StoreRefused {
    return RocksDbStore.open(temp.resolve("store"));
  }

  @Override
  Store again(Store closed) throws StoreRefused {
    return RocksDbStore.open(temp.resolve("store"));
  }

  private static void put(Store store, String name, String text) {
    join(
        store.update(transaction -> {
          transaction.put(Space.TRIPLET, name, value(text, T));
          return true;
        }));
  }

  private static Optional<String> get(Store store, String name) {
    return join(store.read(view -> view.get(Space.TRIPLET, name))).map(StoreContract::text);
  }

  /** The writer sees that what was looked at still holds, and does not look again. */
  @Test
  void anAmendmentThatNobodyDisturbsIsLookedAtOnce() throws Exception {
    try (Store store = RocksDbStore.open(temp.resolve("other"))) {
      put(store, "a", "one");
      AtomicInteger looks = new AtomicInteger();
      for (int i = 0; i < 100; i++) {
        Value next = StoreContract.value("v" + i, T);
        join(
            store.amend(
                view -> {
                  looks.incrementAndGet();
                  return view.get(Space.TRIPLET, "a");
                },
                seen -> List.of(new Change(Space.TRIPLET, "a", Optional.of(next)))));
      }
      assertThat(looks).hasValue(100);
      assertThat(StoreContract.text(join(store.read(v -> v.get(Space.TRIPLET, "a"))).orElseThrow()))
          .isEqualTo("v99");
    }
  }

  /** Nothing of the tables is in memory then, and RocksDB cannot tell what is in them. */
  @Test
  void whatIsInTablesThatWereNotReadYetIsFound() throws Exception {
    Path folder = temp.resolve("often");
    for (int round = 0; round < 25; round++) {
      try (Store store = RocksDbStore.open(folder)) {
        assertThat(get(store, "name 3 absent")).as("round %s", round).isEmpty();
        assertThat(get(store, "name " + round)).isEmpty();
        for (int i = 0; i < round; i++) {
          assertThat(get(store, "name " + i)).contains("text " + i);
        }
        put(store, "name " + round, "text " + round);
        await().until(() -> tables(folder) < 5);
      }
    }
  }

  private static long tables(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".sst")).count();
    }
  }

  @Test
  void aSnapshotIsTheStoreAtOneMoment() throws Exception {
    Path other = temp.resolve("other");
    try (Store store = RocksDbStore.open(other)) {
      put(store, "a", "1");
      store.snapshot(temp.resolve("copy"));
      put(store, "b", "2");
      assertThatThrownBy(() -> store.snapshot(temp.resolve("copy"))).hasMessageContaining("exists");
    }
    try (Store copy = RocksDbStore.open(temp.resolve("copy"))) {
      assertThat(get(copy, "a")).contains("1");
      assertThat(get(copy, "b")).isEmpty();
    }
  }

  @Test
  void itIsLookedAtWhileAnotherWrites() throws Exception {
    Path other = temp.resolve("other");
    try (Store store = RocksDbStore.open(other)) {
      put(store, "a", "1");
      try (Store reader = RocksDbStore.openReadOnly(other)) {
        assertThat(get(reader, "a")).contains("1");
        assertThatThrownBy(() -> put(reader, "b", "2")).hasMessageContaining("reading only");
        assertThat(get(reader, "a")).contains("1");
      }
      put(store, "b", "2");
      assertThat(get(store, "b")).contains("2");
    }
  }

  @Test
  void twoCannotWriteToOne() throws Exception {
    Path other = temp.resolve("other");
    try (Store first = RocksDbStore.open(other)) {
      put(first, "a", "1");
      try (Store second = RocksDbStore.open(other)) {
        assertThat(second.trouble()).hasValueSatisfying(why -> assertThat(why).contains("lock"));
        assertThatThrownBy(() -> get(second, "a")).hasMessageContaining("lock");
        first.close();
        org.awaitility.Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> second.trouble().isEmpty());
        assertThat(get(second, "a")).contains("1");
      }
    }
  }

  @Test
  void anOlderVersionIsBroughtUpToDate() throws Exception {
    Path folder = temp.resolve("older");
    try (Store store = RocksDbStore.open(folder)) {
      put(store, "a", "1");
    }
    Migrations next =
        new Migrations(
            RocksFiles.VERSION + 1,
            Map.of(
                RocksFiles.VERSION,
                files -> {
                  String old =
                      text(files.get(new StoreBatch.Key(Space.TRIPLET, "a")).orElseThrow());
                  files.write(
                      Map.of(
                          new StoreBatch.Key(Space.TRIPLET, "a"),
                          Optional.of(value(old + " and more", T))));
                }));
    try (Store store = RocksDbStore.open(folder, RocksDbSettings.DEFAULT, next)) {
      assertThat(get(store, "a")).contains("1 and more");
    }
    // Done once, not again.
    try (Store store = RocksDbStore.open(folder, RocksDbSettings.DEFAULT, next)) {
      assertThat(get(store, "a")).contains("1 and more");
    }
    assertThatThrownBy(() -> RocksDbStore.open(folder))
        .isInstanceOf(StoreRefused.class)
        .hasMessageContaining("newer Greyprint")
        .hasMessageContaining("version 2");
    assertThatThrownBy(() -> RocksDbStore.openReadOnly(folder)).isInstanceOf(StoreRefused.class);
    try (Store store = RocksDbStore.open(folder, RocksDbSettings.DEFAULT, next)) {
      assertThat(get(store, "a")).as("refused and left alone").contains("1 and more");
    }
  }

  @Test
  void aFolderThatIsRemovedIsNoticedAndMadeAgain() throws Exception {
    Path folder = temp.resolve("removed");
    try (Store store = RocksDbStore.open(folder)) {
      put(store, "a", "1");
      long before = store.generation();
      Damage.delete(folder);
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> store.generation() > before);
      assertThat(store.trouble()).isEmpty();
      assertThat(store.figures()).containsEntry("reopened", 1L).containsEntry("damaged", 0L);
      put(store, "c", "3");
      assertThat(get(store, "c")).contains("3");
      assertThat(get(store, "a")).isEmpty();
      assertThat(Files.exists(folder.resolve("CURRENT"))).isTrue();
    }
  }
}

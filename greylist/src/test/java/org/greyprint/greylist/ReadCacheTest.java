// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Value;
import org.greyprint.greylist.StoreBatch.Key;
import org.junit.jupiter.api.Test;

/** What was read or written last. */
class ReadCacheTest {
  private static Optional<Value> value(int number) {
    byte[] bytes = ByteBuffer.allocate(4).putInt(number).array();
    return Optional.of(new Value(bytes, Instant.EPOCH));
  }

  private static int number(Optional<Value> value) {
    return ByteBuffer.wrap(value.orElseThrow().bytes()).getInt();
  }

  @Test
  void itKnowsWhatWasFoundAndWrittenAndThatThereWasNothing() {
    ReadCache cache = new ReadCache();
    Key key = new Key(Space.CLIENT, "a");
    assertThat(cache.get(key)).isEmpty();
    cache.found(key, Optional.empty(), cache.stamp(key));
    assertThat(cache.get(key)).contains(Optional.empty());
    cache.written(key, value(7));
    assertThat(number(cache.get(key).orElseThrow())).isEqualTo(7);
    assertThat(cache.get(new Key(Space.TRIPLET, "a"))).isEmpty();
    cache.written(key, Optional.of(new Value(new byte[5000], Instant.EPOCH)));
    assertThat(cache.get(key)).as("too large to be kept").isEmpty();
  }

  @Test
  void whatWasReadBeforeAWriteIsNotKeptAfterIt() {
    ReadCache cache = new ReadCache();
    Key key = new Key(Space.CLIENT, "a");
    int stamp = cache.stamp(key);
    cache.written(key, value(2));
    cache.found(key, value(1), stamp);
    assertThat(number(cache.get(key).orElseThrow())).isEqualTo(2);
  }

  /** One writes, in the order files then cache; others read through it. None sees time go back. */
  @Test
  void readersNeverSeeAnOlderValueAfterANewerOne() throws Exception {
    ReadCache cache = new ReadCache();
    Map<Key, Optional<Value>> files = new ConcurrentHashMap<>();
    List<Key> keys = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      keys.add(new Key(Space.TRIPLET, "name " + i));
      files.put(keys.get(i), value(0));
    }
    AtomicBoolean end = new AtomicBoolean();
    List<Future<Long>> readers = new ArrayList<>();
    try (var threads = java.util.concurrent.Executors.newFixedThreadPool(3)) {
      for (int reader = 0; reader < 3; reader++) {
        readers.add(
            threads.submit(() -> {
              int[] latest = new int[keys.size()];
              long reads = 0;
              while (!end.get()) {
                for (int i = 0; i < latest.length; i++) {
                  Key key = keys.get(i);
                  Optional<Optional<Value>> known = cache.get(key);
                  int stamp = cache.stamp(key);
                  Optional<Value> seen =
                      known.orElseGet(() -> files.getOrDefault(key, Optional.empty()));
                  if (known.isEmpty()) {
                    cache.found(key, seen, stamp);
                  }
                  assertThat(number(seen)).isGreaterThanOrEqualTo(latest[i]);
                  latest[i] = number(seen);
                  reads++;
                }
              }
              return reads;
            }));
      }
      for (int n = 1; n < 200_000; n++) {
        Key key = keys.get(n % keys.size());
        files.put(key, value(n));
        cache.written(key, value(n));
      }
      end.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }
}

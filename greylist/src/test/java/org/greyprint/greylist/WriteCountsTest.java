// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.StoreBatch.Key;
import org.junit.jupiter.api.Test;

/** How often a name was written. */
class WriteCountsTest {
  @Test
  void aWriteChangesTheCountOfItsName() {
    WriteCounts counts = new WriteCounts();
    Key key = new Key(Space.CLIENT, "a");
    int before = counts.of(key);
    assertThat(counts.of(key)).isEqualTo(before);
    counts.written(key);
    assertThat(counts.of(key)).isNotEqualTo(before);
  }

  @Test
  void namesSeldomShareACount() {
    WriteCounts counts = new WriteCounts();
    counts.written(new Key(Space.TRIPLET, "sender\nrecipient"));
    int changed = 0;
    for (int i = 0; i < 10_000; i++) {
      changed += counts.of(new Key(Space.CLIENT, "198.51." + i / 256 + "." + i % 256));
    }
    assertThat(changed).isLessThan(10);
  }

  /** Who reads an old value has an old count; else a change would be lost. */
  @Test
  void noValueFromBeforeAWriteComesWithTheCountAfterIt() throws Exception {
    WriteCounts counts = new WriteCounts();
    Key key = new Key(Space.TRIPLET, "a");
    Map<Key, Integer> files = new ConcurrentHashMap<>(Map.of(key, 0));
    int first = counts.of(key);
    AtomicBoolean end = new AtomicBoolean();
    try (var threads = Executors.newFixedThreadPool(2)) {
      List<Future<Long>> readers = new ArrayList<>();
      for (int reader = 0; reader < 2; reader++) {
        readers.add(
            threads.submit(() -> {
              long reads = 0;
              do {
                int count = counts.of(key) - first;
                assertThat(files.getOrDefault(key, -1)).isGreaterThanOrEqualTo(count);
                reads++;
              } while (!end.get());
              return reads;
            }));
      }
      for (int n = 1; n < 300_000; n++) {
        files.put(key, n);
        counts.written(key);
      }
      end.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntryCodecTest {
  @Test
  void whatIsWrittenIsRead() throws Input.Malformed {
    Random random = new Random(1);
    Output out = new Output();
    for (int i = 0; i < 20_000; i++) {
      Entry entry = Entries.random(random, i);
      out.clear();
      EntryCodec.encode(entry, out);
      assertThat(EntryCodec.decode(out.array(), 0, out.size(), Query.ALL)).contains(entry);
    }
  }

  @Test
  void anythingElseIsMalformedAndNeverMore() {
    Random random = new Random(2);
    Output out = new Output();
    int malformed = 0;
    for (int i = 0; i < 50_000; i++) {
      out.clear();
      EntryCodec.encode(Entries.random(random, i), out);
      byte[] bytes = Arrays.copyOf(out.array(), out.size());
      for (int k = random.nextInt(4); k >= 0; k--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int end = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length);
      try {
        assertThat(EntryCodec.decode(bytes, 0, end, Query.ALL)).isPresent();
      } catch (Input.Malformed e) {
        malformed++;
      }
    }
    assertThat(malformed).isBetween(25_000, 50_000);
  }

  @Test
  void longTextsAndManyValuesAreCut() throws Input.Malformed {
    Entry entry =
        new Entry(
            "a",
            Entries.TIME,
            Entries.address("192.0.2.7"),
            1,
            "defer",
            "defer",
            Duration.ofMinutes(5),
            "r",
            "x".repeat(100_000),
            List.of(),
            Map.of("k", "y".repeat(100_000)));
    Output out = new Output();
    EntryCodec.encode(entry, out);
    assertThat(out.size()).isLessThan(5000);
    assertThat(EntryCodec.decode(out.array(), 0, out.size(), Query.ALL).orElseThrow().reason())
        .hasSize(2000);
  }
}

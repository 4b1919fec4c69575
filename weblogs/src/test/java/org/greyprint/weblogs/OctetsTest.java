// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class OctetsTest {
  /** Of all octets, of text alone, and of those that a search by many at a time could confuse. */
  @Test
  void findsTheFirstLineFeedAsASimpleSearchDoes() {
    Random random = new Random(6);
    byte[] confusing = {'\n', '\t', '\r', 0, 0x0b, 0x1f, (byte) 0x8a, (byte) 0x80, ' ', 'x'};
    for (int round = 0; round < 20_000; round++) {
      byte[] octets = new byte[random.nextInt(200)];
      int few = 1 + random.nextInt(60);
      for (int i = 0; i < octets.length; i++) {
        octets[i] =
            switch (round % 3) {
              case 0 -> (byte) random.nextInt(256);
              case 1 -> random.nextInt(few) == 0 ? (byte) '\n' : (byte) (' ' + random.nextInt(95));
              default -> confusing[random.nextInt(confusing.length)];
            };
      }
      int from = random.nextInt(octets.length + 1);
      int to = from + random.nextInt(octets.length - from + 1);
      int expected = -1;
      for (int i = to - 1; i >= from; i--) {
        expected = octets[i] == '\n' ? i : expected;
      }
      assertThat(Octets.lineFeed(octets, from, to)).isEqualTo(expected);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path that lowers the MSS and leaves the window as it was doesn't change what is named. */
class ClampedTest {
  private final Fingerprinter fingerprinter = Fingerprinter.builtin();

  @ParameterizedTest
  @CsvSource({
    // family, TTL, window, options behind the MSS, IP ID
    "Windows, 128, 64240, 0103030801010402, true",
    "Windows, 128, 65535, 0103030801010402, true",
    "Windows, 128, 8192, 0103030801010402, true",
    "Windows, 128, 8192, 0103030201010402, true",
    "Linux, 64, 64240, 0402080a000000010000000001030307, true",
    "Linux, 64, 29200, 0402080a000000010000000001030307, true",
    "Linux, 64, 5840, 0402080a000000010000000001030307, true",
    "Linux, 64, 64240, 0101040201030307, true",
    "Android, 64, 65535, 0402080a000000010000000001030309, true",
    "Apple, 64, 65535, 010303060101080a000000010000000004020000, false",
    "FreeBSD, 64, 65535, 010303060402080a0000000100000000, true",
    "OpenBSD, 64, 16384, 01010402010303060101080a0000000100000000, true",
    "Solaris, 64, 49640, 0103030001010402, true",
  })
  void keepsItsFamily(String family, int ttl, int window, String rest, boolean id) {
    for (int mss : new int[] {1460, 1452, 1440, 1412, 1400, 1380, 1360, 1300, 1220}) {
      for (boolean six : new boolean[] {false, true}) {
        for (int hops = 0; hops <= 30; hops += 10) {
          String options = "0204%04x%s".formatted(mss, rest);
          byte[] packet = FingerprinterTest.syn(six, ttl - hops, window, options, id, 0, 2);
          Fingerprint found = fingerprinter.read(packet, 0, packet.length).orElseThrow();
          assertThat(found.os().family()).as("%s, MSS %d, %s", family, mss, six).isEqualTo(family);
          assertThat(found.distance()).isEqualTo(hops);
        }
      }
    }
  }
}

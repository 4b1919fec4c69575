// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Octets overwritten at random: nothing is thrown, and only Windows' options are called Windows.
 */
class MutationTest {
  private static final Set<String> OF_WINDOWS =
      Set.of("mss,nop,ws,nop,nop,sok", "mss,nop,nop,sok", "mss,nop,ws,sok,ts");

  @Test
  void callsNothingElseWindows() {
    mutate(300_000);
  }

  @Test
  @Tag("long")
  void callsNothingElseWindowsInAHundredMillion() {
    mutate(100_000_000);
  }

  private static void mutate(int count) {
    SynForge forge = new SynForge(Database.builtin().signatures(), 11);
    byte[][] originals = new byte[10_000][];
    for (int i = 0; i < originals.length; i++) {
      originals[i] = forge.packet(i);
    }
    Reading reading = Fingerprinter.builtin().reading();
    SplittableRandom random = new SplittableRandom(13);
    byte[] packet = new byte[256];
    int windows = 0;
    for (int i = 0; i < count; i++) {
      byte[] original = originals[random.nextInt(originals.length)];
      System.arraycopy(original, 0, packet, 0, original.length);
      for (int n = random.nextInt(5); n > 0; n--) {
        packet[random.nextInt(original.length)] = (byte) random.nextInt();
      }
      int end = random.nextInt(8) == 0 ? random.nextInt(original.length + 1) : original.length;
      if (reading.read(packet, 0, end) && reading.name().equals("Windows")) {
        windows++;
        String signature = reading.fingerprint().signature();
        if (!OF_WINDOWS.contains(signature.split(":", -1)[5])) {
          throw new AssertionError(signature);
        }
      }
    }
    assertThat(windows).isGreaterThan(count / 10);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Octets overwritten at random: nothing is thrown, and only what some Windows is known to send is
 * called Windows.
 */
class MutationTest {
  private static final Set<String> WITH_SCALE =
      Set.of("mss,nop,ws,nop,nop,sok", "mss,nop,ws,sok,ts");
  private static final String WITHOUT_SCALE = "mss,nop,nop,sok";

  /** What a path may take away or put on, and what makes a server. */
  private static final Set<String> QUIRKS =
      Set.of("", "df", "id+", "id-", "flow", "ece", "cwr", "ae", "ect0", "ect1", "ce");

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
        if (!known(signature, packet)) {
          throw new AssertionError(signature);
        }
      }
    }
    assertThat(windows).isGreaterThan(count / 20);
  }

  /** Written from what is known of the stacks, not from the database. */
  private static boolean known(String signature, byte[] packet) {
    String[] parts = signature.split(":", -1);
    int scale = Integer.parseInt(parts[4].substring(parts[4].indexOf(',') + 1));
    boolean shape =
        parts[2].equals("0")
            && parts[7].equals("0")
            && QUIRKS.containsAll(Set.of(parts[6].split(",", -1)));
    boolean six = (packet[0] & 0xf0) == 0x60;
    if (six && packet[6] != 6) {
      // Extension headers; where TCP begins is not worked out here.
      return shape;
    }
    int window = Syn.u16(packet, (six ? 40 : (packet[0] & 15) * 4) + 14);
    int mss = Integer.parseInt(parts[3]);
    boolean full = window == 65535 || isFull(window, mss);
    if (parts[5].equals(WITHOUT_SCALE)) {
      return shape && (full || window == 8192 || window == 16384 || window == 64512);
    }
    return shape
        && WITH_SCALE.contains(parts[5])
        && switch (scale) {
          case 8 -> full || window == 8192 || window == 17520 || window == 8760;
          case 2 -> full || window == 8192;
          case 0, 1, 3 -> full;
          default -> false;
        };
  }

  private static boolean isFull(int window, int mss) {
    if (mss > 0 && 65535 / mss * mss == window) {
      return true;
    }
    for (int before = 1220; before <= 8961; before++) {
      if (65535 / before * before == window) {
        return true;
      }
    }
    return false;
  }
}

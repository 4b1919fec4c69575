// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every known stack, over both protocols, as it is and behind paths that lower the MSS, 0 to 30
 * hops away, asking for ECN and not.
 */
class StacksTest {
  private static final int[] LOWERED = {1452, 1440, 1412, 1400, 1380, 1360, 1300, 1220, 536};
  private static final int SYN = 2;
  private static final int ECE_CWR = 0xc2;
  private static final int ECT0 = 2;

  private final Fingerprinter fingerprinter = Fingerprinter.builtin();

  /** A line of stacks.tsv; what is empty there is the same as what it is over IPv4. */
  record Stack(
      String name,
      int ttl,
      int window,
      int window6,
      String options,
      boolean id,
      String ecn,
      List<String> families,
      String label,
      String label6,
      String labelEcn) {
    static Stack of(String line) {
      String[] f = line.split("\t", -1);
      int window = Integer.parseInt(f[2]);
      return new Stack(
          f[0],
          Integer.parseInt(f[1]),
          window,
          f[3].isEmpty() ? window : Integer.parseInt(f[3]),
          f[4],
          f[5].equals("yes"),
          f[6],
          List.of(f[7].split(",")),
          f[8],
          f[9].isEmpty() ? f[8] : f[9],
          f[10]);
    }

    String label(boolean six, boolean asks) {
      boolean own = asks && (!six || label.equals(label6));
      return own ? labelEcn : six ? label6 : label;
    }

    boolean windows() {
      return families.contains("Windows");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Stack> stacks() throws IOException {
    try (InputStream in = StacksTest.class.getResourceAsStream("/stacks.tsv")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.startsWith("#")).map(Stack::of);
    }
  }

  /** The SYN of a stack whose MSS a path has made {@code mss}; 0 for what Ethernet gives. */
  private static byte[] syn(Stack stack, boolean six, int mss, int hops, int tos, int flags) {
    // What makes the packet takes 20 octets off the MSS over IPv6.
    int given = mss == 0 ? 1460 : six ? mss + 20 : mss;
    byte[] packet =
        FingerprinterTest.syn(
            six,
            stack.ttl - hops,
            six ? stack.window6 : stack.window,
            "0204%04x%s".formatted(given, stack.options),
            stack.id,
            tos,
            flags);
    if (flags != SYN && stack.ecn.equals("all")) {
      packet[(six ? 40 : 20) + 12] |= 1;
    }
    return packet;
  }

  private Fingerprint read(byte[] packet) {
    return fingerprinter.read(packet, 0, packet.length).orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void isNamedWhereverItStandsWithoutEcn(Stack stack) {
    for (boolean six : new boolean[] {false, true}) {
      for (int hops = 0; hops <= 30; hops++) {
        Fingerprint found = read(syn(stack, six, 0, hops, 0, SYN));
        assertThat(found.os().label()).isEqualTo(stack.label(six, false));
        assertThat(found.os().family()).isIn(stack.families);
        assertThat(found.os().quality()).isIn(Quality.EXACT, Quality.GENERIC);
        assertThat(found.os().role()).isEqualTo(stack.windows() ? Role.CLIENT : Role.UNKNOWN);
        assertThat(found.distance()).isEqualTo(hops);
        assertThat(found.mtu()).isEqualTo(1500);
        assertThat(found.link()).isEqualTo("Ethernet or modem");
        for (int mss : LOWERED) {
          Fingerprint lowered = read(syn(stack, six, mss, hops, 0, SYN));
          assertThat(lowered.os()).as("MSS %d, IPv6 %s", mss, six).isEqualTo(found.os());
          assertThat(lowered.distance()).isEqualTo(hops);
          assertThat(lowered.mtu()).isEqualTo(mss + (six ? 60 : 40));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("stacks")
  void isNamedWhereverItStandsWithEcn(Stack stack) {
    boolean asks = !stack.ecn.isEmpty();
    for (boolean six : new boolean[] {false, true}) {
      for (int hops = 0; hops <= 30; hops++) {
        for (int mss : new int[] {0, 1452, 1400, 1380, 1220}) {
          Fingerprint bleached = read(syn(stack, six, mss, hops, 0, ECE_CWR));
          // Only Windows Server itself sets the field; on others a path has.
          Fingerprint marked = read(syn(stack, six, mss, hops, ECT0, ECE_CWR));
          assertThat(bleached.os().family()).isIn(stack.families);
          assertThat(marked.os().family()).isIn(stack.families);
          assertThat(marked.distance()).isEqualTo(hops);
          if (!asks) {
            continue;
          }
          assertThat(bleached.os().label()).isEqualTo(stack.label(six, true));
          assertThat(bleached.os().quality()).isIn(Quality.EXACT, Quality.GENERIC);
          assertThat(bleached.os().role())
              .isEqualTo(marked.os().role())
              .isEqualTo(stack.windows() ? Role.SERVER : Role.UNKNOWN);
          if (stack.windows()) {
            assertThat(marked.os().label()).isEqualTo(stack.label(six, true));
            assertThat(marked.os().quality()).isEqualTo(Quality.EXACT);
            assertThat(marked.os().confidence()).isGreaterThan(bleached.os().confidence());
          }
        }
      }
    }
  }

  /** Tunnels and clouds have an MSS of their own, and the window follows it. */
  @ParameterizedTest
  @MethodSource("stacks")
  void isNamedWithEveryMssOfItsOwn(Stack stack) {
    if (stack.window != 64240 || !stack.label.matches("Windows 10 or 11|Linux 4.20 or newer")) {
      return;
    }
    for (boolean six : new boolean[] {false, true}) {
      for (int mss = 1200; mss <= 1460; mss++) {
        int window = 65535 / mss * mss;
        Stack there =
            new Stack(
                stack.name,
                stack.ttl,
                window,
                window,
                stack.options,
                stack.id,
                stack.ecn,
                stack.families,
                stack.label,
                stack.label6,
                stack.labelEcn);
        assertThat(read(syn(there, six, mss, 7, 0, SYN)).os().label())
            .as("MSS %d", mss)
            .isEqualTo(stack.label);
      }
    }
  }

  /** A TTL that is far off makes it less sure, and no more. */
  @ParameterizedTest
  @MethodSource("stacks")
  void isLessSureWhereTheTtlIsFarOff(Stack stack) {
    double near = read(syn(stack, false, 0, 12, 0, SYN)).os().confidence();
    for (int ttl : new int[] {255, 128, 64}) {
      Fingerprint found = read(syn(stack, false, 0, stack.ttl - ttl, 0, SYN));
      if (ttl > stack.ttl || stack.ttl - ttl > 35) {
        assertThat(found.os().family()).isIn(stack.families);
        assertThat(found.os().quality()).isEqualTo(Quality.FUZZY);
        assertThat(found.os().confidence()).isLessThan(near).isLessThanOrEqualTo(0.5);
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FingerprinterTest {
  private static final String W8 = "020405b40103030801010402";
  private static final String LINUX = "020405b40402080a00000001000000000103030a";

  private final Fingerprinter fingerprinter = Fingerprinter.builtin();

  /** A SYN; over IPv6 with a flow label and an MSS 20 smaller, as the same stack sends it. */
  static byte[] syn(
      boolean six, int ttl, int window, String options, boolean id, int tos, int flags) {
    byte[] raw = HexFormat.of().parseHex(options);
    if (six) {
      int mss = ((raw[2] & 0xff) << 8 | raw[3] & 0xff) - 20;
      raw[2] = (byte) (mss >> 8);
      raw[3] = (byte) mss;
    }
    ByteBuffer b = ByteBuffer.allocate((six ? 40 : 20) + 20 + raw.length);
    if (six) {
      b.putInt(0x60000001 | tos << 20).putShort((short) (20 + raw.length));
      b.put((byte) 6).put((byte) ttl).put(new byte[32]);
    } else {
      b.put((byte) 0x45).put((byte) tos).putShort((short) (40 + raw.length));
      b.putShort((short) (id ? 7 : 0)).putShort((short) 0x4000).put((byte) ttl).put((byte) 6);
      b.putShort((short) 0).putLong(0);
    }
    b.putShort((short) 50000).putShort((short) 25).putInt(1).putInt(0);
    b.put((byte) ((20 + raw.length) / 4 << 4)).put((byte) flags).putShort((short) window);
    return b.putInt(0).put(raw).array();
  }

  private Fingerprint read(byte[] packet) {
    return fingerprinter.read(packet, 0, packet.length).orElseThrow();
  }

  @Test
  void keepsTheMarksOfEcnApart() {
    assertThat(read(syn(false, 116, 64240, W8, true, 2, 0xc2)).signature())
        .isEqualTo("4:116+12:0:1460:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+,ece,cwr,ect0:0");
    assertThat(read(syn(true, 60, 28800, LINUX, true, 0, 2)).signature())
        .isEqualTo("6:60+4:0:1440:mss*20,10:mss,sok,ts,nop,ws:flow:0");
  }

  @Test
  void aMarkAloneMakesNoServer() {
    Fingerprint found = read(syn(false, 116, 64240, W8, true, 2, 2));
    assertThat(found.os().family()).isEqualTo("Windows");
    assertThat(found.os().role()).isEqualTo(Role.CLIENT);
    assertThat(found.os().quality()).isEqualTo(Quality.FUZZY);
  }

  @Test
  void isLessSureOfAServerWithoutEct() {
    double sure = read(syn(false, 116, 64240, W8, true, 2, 0xc2)).os().confidence();
    double less = read(syn(false, 116, 64240, W8, true, 0, 0xc2)).os().confidence();
    double far = read(syn(false, 60, 64240, W8, true, 0, 2)).os().confidence();
    assertThat(sure).isGreaterThan(0.95);
    assertThat(less).isBetween(0.7, 0.85);
    assertThat(far).isLessThanOrEqualTo(0.5);
  }

  @Test
  void callsNoWindowWindowsThatNoWindowsSends() {
    for (int window : new int[] {1, 1024, 5840, 12345, 32768, 60000}) {
      Fingerprint found = read(syn(false, 116, window, W8, true, 0, 2));
      assertThat(found.os()).isEqualTo(OperatingSystem.UNKNOWN);
      assertThat(found.distance()).isEqualTo(12);
    }
  }

  @Test
  void followsALoweredMss() {
    for (String mss : List.of("0578", "0550", "05a0", "0500")) {
      String options = W8.replace("05b4", mss);
      assertThat(read(syn(false, 116, 64240, options, true, 0, 2)).os().label())
          .isEqualTo("Windows 10 or 11");
    }
    assertThat(read(syn(false, 116, 64860, "020405640103030801010402", true, 0, 2)).os().label())
        .isEqualTo("Windows 10 or 11");
  }

  @Test
  void readsNothingElse() {
    byte[] packet = syn(false, 116, 64240, W8, true, 0, 2);
    assertThat(fingerprinter.read(packet, 0, packet.length - 1)).isEmpty();
    packet[33] = 0x12;
    assertThat(fingerprinter.read(packet, 0, packet.length)).isEqualTo(Optional.empty());
    assertThat(fingerprinter.read(new byte[0], 0, 0)).isEmpty();
  }

  @Test
  void survivesMutatedPackets() {
    Random random = new Random(3);
    byte[][] originals = {
      syn(false, 116, 64240, W8, true, 2, 0xc2),
      syn(true, 60, 29200, LINUX, true, 0, 2),
      syn(false, 60, 65535, "020405b4010303060101080a000000010000000004020000", false, 0, 2)
    };
    int read = 0;
    for (int i = 0; i < 300_000; i++) {
      byte[] packet = originals[random.nextInt(3)].clone();
      for (int j = random.nextInt(5); j >= 0; j--) {
        packet[random.nextInt(packet.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(8) == 0 ? random.nextInt(packet.length + 1) : packet.length;
      Optional<Fingerprinter.Both> both = fingerprinter.readBoth(packet, 0, length);
      if (both.isPresent()) {
        read++;
        String signature = both.get().fingerprint().signature().replace("+?", "");
        assertThat(Database.parse("x", "[tcp:request]\nlabel = s:x:y:z\nsig = " + signature))
            .as(signature)
            .satisfiesAnyOf(
                loaded -> assertThat(loaded).isInstanceOf(Database.class),
                loaded -> assertThat(signature).containsPattern("^.:0:|\\+?0:|eol\\+"));
      }
    }
    assertThat(read).isGreaterThan(10_000);
  }
}

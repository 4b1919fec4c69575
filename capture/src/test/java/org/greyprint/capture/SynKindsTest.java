// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SynKindsTest {
  private int reads;
  private final List<String> dropped = new ArrayList<>();
  private final SynKinds<String> kinds =
      new SynKinds<>((packet, start, end) -> "kind " + ++reads, dropped::add);

  private List<String> find(byte[]... packets) throws IOException {
    List<String> found = new ArrayList<>();
    byte[] file = Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, packets);
    try (CaptureFile capture = CaptureFile.open("test", new ByteArrayInputStream(file), () -> {})) {
      while (capture.next()) {
        found.add(String.valueOf(kinds.find(capture)));
      }
    }
    return found;
  }

  @Test
  void readsEachKindOnce() throws IOException {
    assertThat(
            find(
                Syns.ipv4("192.0.2.7", 1, 5, 116, Syns.WINDOWS),
                Syns.ipv4("192.0.2.8", 2, 6, 116, Syns.WINDOWS),
                Syns.stamped("192.0.2.8", 3, 7, 1234),
                Syns.stamped("192.0.2.9", 4, 8, 99)))
        .containsExactly("kind 1", "kind 1", "kind 2", "kind 2");
    assertThat(kinds.clientPort()).isEqualTo(4);
    assertThat(kinds.isIpv6()).isFalse();
  }

  @Test
  void tellsApartWhateverASignatureLooksAt() throws IOException {
    byte[] plain = Syns.ipv4("192.0.2.7", 1, 5, 116, Syns.WINDOWS);
    List<byte[]> packets = new ArrayList<>(List.of(plain));
    // TOS, IP ID zero, flags, TTL; sequence zero, ACK number, reserved bits, flags, window,
    // urgent pointer, and each octet of the options.
    int[][] changes = {
      {1, 2},
      {5, 0},
      {6, 0},
      {6, (byte) 0xc0},
      {8, 115},
      {27, 0},
      {31, 1},
      {32, (byte) 0x81},
      {33, 0x42},
      {34, 1},
      {35, 1},
      {39, 1},
      {43, 0},
      {44, 9},
      {51, 1}
    };
    for (int[] change : changes) {
      byte[] changed = plain.clone();
      changed[change[0]] = (byte) change[1];
      packets.add(changed);
    }
    packets.add(Syns.stamped("192.0.2.7", 1, 5, 1));
    packets.add(Syns.stamped("192.0.2.7", 1, 5, 0));
    byte[] payload = java.util.Arrays.copyOf(plain, plain.length + 4);
    payload[3] += 4;
    packets.add(payload);
    byte[] six =
        Syns.ip(Syns.address("2001:db8::7"), Syns.address("2001:db8::1"), 1, 5, 116, Syns.WINDOWS);
    packets.add(six);
    byte[] flow = six.clone();
    flow[3] = 1;
    packets.add(flow);
    assertThat(find(packets.toArray(byte[][]::new))).doesNotHaveDuplicates().doesNotContain("null");
  }

  /**
   * Of options of every kind, also broken ones and ones that hold the octets of a timestamp without
   * being one: those and only those are of one kind that differ in a timestamp's values alone.
   */
  @Test
  void onlyTheValuesOfTimestampsDoNotCount() throws IOException {
    String[] pieces = {
      "01",
      "0204080a",
      "020405b4",
      "030308",
      "03030a",
      "0402",
      "08",
      "080a",
      "0802",
      "1e04080a",
      "080a0000000000000000",
      "080a0000000100000000",
      "080a0000000000000005",
      "080a7766554433221100",
      "080a0000080a0000000a",
      "00",
      "0a",
      "05020a08"
    };
    SplittableRandom random = new SplittableRandom(20120628);
    List<byte[]> packets = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    while (packets.size() < 6000) {
      StringBuilder options = new StringBuilder();
      for (int left = random.nextInt(5); left >= 0; left--) {
        options.append(pieces[random.nextInt(pieces.length)]);
      }
      while (options.length() % 8 != 0) {
        options.append("01");
      }
      if (options.length() <= 80) {
        packets.add(Syns.ipv4("192.0.2.7", 1, 5, 116, options.toString()));
        expected.add(withoutStamps(options.toString()));
      }
    }
    List<String> found = find(packets.toArray(byte[][]::new));
    Map<String, String> kindOf = new HashMap<>();
    for (int i = 0; i < found.size(); i++) {
      String kind = kindOf.putIfAbsent(expected.get(i), found.get(i));
      assertThat(found.get(i)).as(expected.get(i)).isEqualTo(kind == null ? found.get(i) : kind);
    }
    assertThat(kindOf.values()).doesNotHaveDuplicates().hasSizeBetween(500, 8000);
  }

  /** The options as they are, but for the first timestamp that stands where an option can stand. */
  private static String withoutStamps(String hex) {
    byte[] options = HexFormat.of().parseHex(hex);
    Map<Integer, Integer> lengths = Map.of(2, 4, 3, 3, 4, 2);
    for (int i = 0; i < options.length; ) {
      int kind = options[i];
      if (kind == 1) {
        i++;
      } else if (kind == 8 && i + 10 <= options.length && options[i + 1] == 10) {
        int own = ByteBuffer.wrap(options).getInt(i + 2);
        int peer = ByteBuffer.wrap(options).getInt(i + 6);
        ByteBuffer.wrap(options).putInt(i + 2, own == 0 ? 0 : 1).putInt(i + 6, peer == 0 ? 0 : 1);
        break;
      } else if (i + 1 < options.length
          && lengths.getOrDefault(kind, -1) == (options[i + 1] & 0xff)) {
        i += options[i + 1];
      } else {
        break;
      }
    }
    return HexFormat.of().formatHex(options);
  }

  @Test
  void isBounded() throws IOException {
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < 9000; i++) {
      packets.add(Syns.ipv4("192.0.2.7", 1, 5, 116, "0204%04x".formatted(i) + "0103030801010402"));
    }
    List<String> found = new ArrayList<>();
    for (int i = 0; i < packets.size(); i += 3000) {
      found.addAll(find(packets.subList(i, i + 3000).toArray(byte[][]::new)));
    }
    assertThat(found).doesNotHaveDuplicates();
    List<String> held = new ArrayList<>();
    kinds.each(held::add);
    assertThat(dropped).hasSize(8192);
    assertThat(held).hasSize(9000 - 8192);
  }

  @Test
  void passesOverWhatIsNoSyn() throws IOException {
    byte[] ack = Syns.ipv4("192.0.2.7", 1, 5, 116, Syns.WINDOWS);
    ack[33] = 0x12;
    byte[] fragment = Syns.ipv4("192.0.2.7", 1, 5, 116, Syns.WINDOWS);
    fragment[7] = 1;
    assertThat(find(ack, fragment, new byte[3])).containsOnly("null");
  }
}

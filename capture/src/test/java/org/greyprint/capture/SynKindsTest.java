// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
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

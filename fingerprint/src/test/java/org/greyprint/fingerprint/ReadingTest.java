// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadingTest {
  private final Fingerprinter fingerprinter = Fingerprinter.builtin();
  private final SynForge forge = new SynForge(Database.builtin().signatures(), 7);

  @Test
  void saysTheSameAsAReaderMadeForOnePacket() {
    Reading reading = fingerprinter.reading();
    int named = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] packet = forge.packet(i);
      Optional<Fingerprint> alone = fingerprinter.read(packet, 0, packet.length);
      assertThat(reading.read(packet, 0, packet.length)).isEqualTo(alone.isPresent());
      if (alone.isPresent()) {
        assertThat(reading.fingerprint()).isEqualTo(alone.get());
        assertThat(reading.name()).isEqualTo(alone.get().os().name());
        named += reading.name().isEmpty() ? 0 : 1;
      } else {
        assertThat(reading.name()).isEmpty();
        assertThatThrownBy(reading::fingerprint).isInstanceOf(IllegalStateException.class);
      }
    }
    assertThat(named).isGreaterThan(20_000);
  }

  @Test
  void readsWhereverThePacketLies() {
    Reading reading = fingerprinter.reading();
    for (int i = 0; i < 1000; i++) {
      byte[] packet = forge.packet(i);
      byte[] within = new byte[packet.length + 33];
      java.util.Arrays.fill(within, (byte) 0x5a);
      System.arraycopy(packet, 0, within, 14, packet.length);
      Optional<Fingerprint> alone = fingerprinter.read(packet, 0, packet.length);
      assertThat(fingerprinter.read(within, 14, 14 + packet.length)).isEqualTo(alone);
      assertThat(reading.read(within, 14, 14 + packet.length)).isEqualTo(alone.isPresent());
    }
  }

  @Test
  void makesNoGarbage() {
    Reading reading = fingerprinter.reading();
    byte[][] packets = new byte[1000][];
    for (int i = 0; i < packets.length; i++) {
      packets[i] = forge.packet(i);
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long named = 0;
    long before = 0;
    for (int round = 0; round < 40; round++) {
      if (round == 20) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      for (byte[] packet : packets) {
        named += reading.read(packet, 0, packet.length) && !reading.name().isEmpty() ? 1 : 0;
      }
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(named).isGreaterThan(10_000);
    // 20,000 packets; what the measurement itself needs is far below an octet each.
    assertThat(allocated).isLessThan(10_000);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class P0fWireTest {
  @Test
  void asksForBothKindsOfAddresses() {
    byte[] four = P0fWire.query(Syns.address("192.0.2.7"));
    assertThat(four).hasSize(21);
    assertThat(ByteBuffer.wrap(four).order(ByteOrder.nativeOrder()).getInt()).isEqualTo(0x50304601);
    assertThat(four[4]).isEqualTo((byte) 4);
    assertThat(P0fWire.address(four)).contains(Syns.address("192.0.2.7"));
    byte[] six = P0fWire.query(Syns.address("2001:db8::7"));
    assertThat(P0fWire.address(six)).contains(Syns.address("2001:db8::7"));
    six[4] = 5;
    assertThat(P0fWire.address(six)).isEmpty();
    four[0] ^= 1;
    assertThat(P0fWire.address(four)).isEmpty();
  }

  @Test
  void encodesWhatItDecodes() {
    P0fWire.Response response =
        new P0fWire.Response(
            P0fWire.OK, 1, 2, 3, 4, 5, 6, 4_000_000_000L, 12, 1, 3, "Windows", "10 or 11", "DSL");
    byte[] bytes = P0fWire.encode(response);
    assertThat(bytes).hasSize(232);
    assertThat(P0fWire.decode(bytes)).contains(response);
    assertThat(bytes[168]).isEqualTo((byte) 'D');
  }

  @Test
  void cutsTextsAndReadsThoseWithoutEnd() {
    String longer = "10.9 or newer (sometimes iPhone or iPad)";
    P0fWire.Response response =
        new P0fWire.Response(P0fWire.OK, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, "Mac OS X", longer, "");
    byte[] bytes = P0fWire.encode(response);
    assertThat(P0fWire.decode(bytes).orElseThrow().osFlavor()).isEqualTo(longer.substring(0, 31));
    bytes[103] = 'P';
    assertThat(P0fWire.decode(bytes).orElseThrow().osFlavor()).hasSize(32);
  }

  @Test
  void saysNothingButTheStatusWithoutAMatch() {
    byte[] bytes = P0fWire.encode(P0fWire.Response.of(P0fWire.NO_MATCH));
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(4)).isEqualTo(0x20);
    for (int i = 8; i < bytes.length; i++) {
      assertThat(bytes[i]).isZero();
    }
  }

  @Test
  void readsNothingElse() {
    assertThat(P0fWire.decode(new byte[232])).isEmpty();
    assertThat(P0fWire.decode(new byte[10])).isEmpty();
  }
}

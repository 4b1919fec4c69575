// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What differs from p0f on purpose: a test for each heading of docs/p0f-differences.md. */
class P0fDifferencesTest {
  private static final String W8 = "020405b40103030801010402";

  private final Fingerprinter fingerprinter = Fingerprinter.builtin();

  /** The packet with octets put between its IPv6 header and TCP. */
  static byte[] extended(byte[] packet, int first, byte[] headers) {
    ByteBuffer b = ByteBuffer.allocate(packet.length + headers.length);
    b.put(packet, 0, 40).put(headers).put(packet, 40, packet.length - 40);
    b.putShort(4, (short) (packet.length - 40 + headers.length)).put(6, (byte) first);
    return b.array();
  }

  @Test
  void seesAnAcknowledgementNumberInEachOfItsOctets() {
    for (int octet = 28; octet < 32; octet++) {
      byte[] packet = FingerprinterTest.syn(false, 116, 64240, W8, true, 0, 2);
      packet[octet] = 2;
      assertThat(fingerprinter.read(packet, 0, packet.length).orElseThrow().signature())
          .endsWith(":df,id+,ack+:0");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0600000000000000",
    "60, 0600000000000000",
    "43, 0600000000000000",
    "44, 0600000000000001",
    "51, 060400000000000000000000000000000000000000000000",
    "0, 3c000000000000002b000000000000002c000000000000000600000000000001",
  })
  void looksBehindExtensionHeaders(int first, String headers) {
    byte[] plain = FingerprinterTest.syn(true, 116, 64240, W8, true, 0, 2);
    byte[] packet = extended(plain, first, java.util.HexFormat.of().parseHex(headers));
    Fingerprint found = fingerprinter.read(packet, 0, packet.length).orElseThrow();
    assertThat(found.os().label()).isEqualTo("Windows 10 or 11");
    assertThat(found.signature()).startsWith("6:116+12:0:1440:").endsWith(":flow:0");
  }

  @Test
  void passesOverFragments() {
    byte[] plain = FingerprinterTest.syn(true, 116, 64240, W8, true, 0, 2);
    byte[] more = extended(plain, 44, new byte[] {6, 0, 0, 1, 0, 0, 0, 1});
    assertThat(fingerprinter.read(more, 0, more.length)).isEmpty();
    byte[] four = FingerprinterTest.syn(false, 116, 64240, W8, true, 0, 2);
    four[6] |= 0x20;
    assertThat(fingerprinter.read(four, 0, four.length)).isEmpty();
  }

  @Test
  void readsASynOfWhichOnlyTheHeadersAreThere() {
    byte[] packet = FingerprinterTest.syn(false, 116, 64240, W8, true, 0, 2);
    int headers = packet.length;
    packet = Arrays.copyOf(packet, headers + 100);
    packet[3] = (byte) packet.length;
    Fingerprint whole = fingerprinter.read(packet, 0, packet.length).orElseThrow();
    Fingerprint cut = fingerprinter.read(packet, 0, headers).orElseThrow();
    assertThat(cut).isEqualTo(whole);
    assertThat(cut.signature()).endsWith(":+");
  }
}

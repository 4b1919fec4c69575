// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks. */
class NetTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.0/24",
    "192.0.2.7, 192.0.2.7",
    "192.0.2.7/32, 192.0.2.7",
    "0.0.0.0/0, 0.0.0.0/0",
    "2001:DB8:0:0::/32, 2001:db8::/32",
    "2001:db8:0:1:0:0:0:1, 2001:db8:0:1::1",
    "2001:0:0:1:0:0:0:0, 2001:0:0:1::",
    "::1, ::1",
    "::/0, ::/0",
    "2001:db8:1:1:1:1:0:1, 2001:db8:1:1:1:1:0:1",
  })
  void networksAreReadAndWrittenInOneForm(String text, String form) {
    assertThat(Net.parse(text).orElseThrow().text()).isEqualTo(form);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "192.0.2",
        "192.0.2.0/33",
        "192.0.2.1/24",
        "192.0.2.256",
        "localhost",
        "a.b.c.d",
        "2001:db8::/129",
        "2001:db8::1/64",
        "192.0.2.0/-1",
        "192.0.2.0/ 4",
        "1:2",
        "٣.1.1.1"
      })
  void whatIsNoNetworkIsRefused(String text) {
    assertThat(Net.parse(text)).isEmpty();
  }

  @Test
  void aNetworkContainsExactlyTheAddressesWithItsPrefix() throws Exception {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      InetAddress address = InetAddress.getByAddress(bytes);
      if (address.getAddress().length != bytes.length) {
        continue;
      }
      int bits = random.nextInt(bytes.length * 8 + 1);
      Net net = Net.around(address, bits);
      assertThat(net.contains(address)).isTrue();
      assertThat(Net.parse(net.text())).contains(net);
      int flipped = random.nextInt(bytes.length * 8);
      bytes[flipped / 8] ^= (byte) (128 >> flipped % 8);
      InetAddress other = InetAddress.getByAddress(bytes);
      if (other.getAddress().length == bytes.length) {
        assertThat(net.contains(other)).as(net + " " + other).isEqualTo(flipped >= bits);
      }
    }
  }
}

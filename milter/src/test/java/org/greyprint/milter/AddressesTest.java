// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "2001:db8::1, 2001:db8:0:0:0:0:0:1",
    "IPv6:2001:DB8::1, 2001:db8:0:0:0:0:0:1",
    "ipv6:::1, 0:0:0:0:0:0:0:1",
    "::ffff:192.0.2.1, 192.0.2.1",
    "IPv6:::ffff:192.0.2.1, 192.0.2.1"
  })
  void readsWhatMtasWrite(String text, String address) {
    assertThat(Addresses.parse(text).map(InetAddress::getHostAddress)).contains(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "1.2.3",
        "1.2.3.256",
        "1.2.3.4.5",
        "IPv6:",
        "fe80::1%eth0",
        "::g",
        ":",
        "unknown",
        "/run/socket",
        "1.2.3.4 ",
        "12345",
        "::ffff:1.2.3.400"
      })
  void readsNothingElse(String text) {
    assertThat(Addresses.parse(text)).isEmpty();
  }

  @Test
  void givesNoAddressForSocketsThatHaveNone() {
    assertThat(new Command.Connect("h", 'L', 0, "1.2.3.4").ip()).isEmpty();
  }
}

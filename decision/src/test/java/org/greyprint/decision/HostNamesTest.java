// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
  @ParameterizedTest
  @CsvSource({
    "192-0-2-77.example.net, 192.0.2.77, true",
    "77.2.0.192.in.example.net, 192.0.2.77, true",
    "host77-2.example.net, 192.0.2.77, true",
    "h-2-77.example.net, 192.0.2.77, true",
    "p192.0.2.77.example.net, 192.0.2.77, true",
    "c000024d.example.net, 192.0.2.77, true",
    "cpe-c000024d.example.net, 192.0.2.77, true",
    "host-C000024D.example.net, 192.0.2.77, true",
    "192000002077.example.net, 192.0.2.77, true",
    "mail.example.net, 192.0.2.77, false",
    "mx77.example.net, 192.0.2.77, false",
    "mx2.example77.net, 192.0.2.3, false",
    "2001-db8-0-0-0-0-0-1.example.net, 2001:db8::1, false",
    "mail.example.net, 2001:db8::1, false",
  })
  void namesMadeFromTheAddress(String name, String address, boolean generic) {
    assertThat(HostNames.generic(name, Inquiries.address(address))).isEqualTo(generic);
  }

  @ParameterizedTest
  @CsvSource({
    "pool-1.dyn.example.net, true",
    "adsl-77.example.net, true",
    "cable.static.example.net, false",
    "mail.dsl-provider.net, false",
    "mx1.dsl.net, false",
    "dyn.example, false",
    "pc.dhcp.example.net, true",
  })
  void namesOfHomeRanges(String name, boolean dynamic) {
    assertThat(HostNames.dynamic(name)).isEqualTo(dynamic);
  }

  @ParameterizedTest
  @CsvSource({
    "'', none",
    "mail.example.org, name",
    "MAIL.Example.ORG., name",
    "localhost, bare",
    "[192.0.2.1], literal",
    "[IPv6:2001:db8::1], literal",
    "[nonsense], invalid",
    "192.0.2.1, numeric",
    "2001:db8::1, numeric",
    "a b, invalid",
    "-a.example, invalid",
    "a..b, invalid",
  })
  void kindsOfHelo(String helo, String kind) {
    assertThat(HostNames.kind(helo)).isEqualTo(kind);
  }

  /** The grammar of what "name" means, as a regular expression. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\\.?");

  @Test
  void namesAreWhatTheGrammarSays() {
    SplittableRandom random = new SplittableRandom(63);
    String letters = "az09_-..";
    int names = 0;
    for (int i = 0; i < 300_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int left = random.nextInt(12); left > 0; left--) {
        char c = letters.charAt(random.nextInt(letters.length()));
        text.repeat(c, random.nextInt(40) == 0 ? 60 + random.nextInt(6) : 1);
      }
      String name = text.toString();
      boolean expected = NAME.matcher(name).matches() && name.length() <= 255;
      boolean literal = Addresses.parse(name).isPresent();
      assertThat(HostNames.kind(name).equals("name")).as(name).isEqualTo(expected && !literal);
      names += expected ? 1 : 0;
    }
    assertThat(names).isGreaterThan(1000);
  }

  @Test
  void reversedNames() {
    assertThat(Addresses.reversed(Inquiries.address("192.0.2.77"), "zen.example"))
        .isEqualTo("77.2.0.192.zen.example");
    assertThat(Addresses.reversed(Inquiries.address("2001:db8::1"), "ip6.arpa"))
        .isEqualTo("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, true",
    "172.16.0.1, true",
    "192.168.1.1, true",
    "100.64.0.1, true",
    "100.128.0.1, false",
    "169.254.1.1, true",
    "fd00::1, true",
    "fe80::1, true",
    "::1, true",
    "2001:db8::1, false",
    "192.0.2.1, false",
  })
  void privateAddresses(String address, boolean expected) {
    assertThat(Addresses.isPrivate(Inquiries.address(address))).isEqualTo(expected);
  }
}

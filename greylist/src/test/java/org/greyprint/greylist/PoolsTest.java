// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lists of provider pools. */
class PoolsTest {
  private static InetAddress ip(String address) {
    return Net.address(address).orElseThrow();
  }

  private static Pools good(String text) {
    return switch (Pools.read("test", text)) {
      case Pools.Reading.Good good -> good.pools();
      case Pools.Reading.Bad bad -> throw new AssertionError(bad.mistakes());
    };
  }

  private static List<String> bad(String text) {
    return switch (Pools.read("pools", text)) {
      case Pools.Reading.Good good -> throw new AssertionError("taken: " + text);
      case Pools.Reading.Bad bad -> bad.mistakes();
    };
  }

  @Test
  void theShippedOnesKnowTheLargeProviders() {
    Pools pools = Pools.builtin();
    assertThat(pools.find(ip("40.107.0.89"), "")).contains("microsoft");
    assertThat(pools.find(ip("2a01:111:f400:fe0d::1"), "")).contains("microsoft");
    assertThat(pools.find(ip("209.85.220.41"), "mail-sor-f41.google.com")).contains("google");
    assertThat(pools.find(ip("192.0.2.1"), "A11-17.smtp-out.amazonses.com."))
        .contains("amazon-ses");
    assertThat(pools.find(ip("192.0.2.1"), "sonic306-47.consmr.mail.ne1.yahoo.com"))
        .contains("yahoo");
    assertThat(pools.find(ip("192.0.2.1"), "")).isEmpty();
    assertThat(pools.find(ip("192.0.2.1"), "amazonses.com.example.net")).isEmpty();
    assertThat(pools.find(ip("192.0.2.1"), "notamazonses.com")).isEmpty();
    assertThat(pools.list()).allSatisfy(pool -> assertThat(pool.source()).isNotBlank());
  }

  @Test
  void aFileIsRead() {
    Pools pools =
        good(
            """
            greyprint-pools 1
            # ours
            pool first   # a comment
              source seen in our log
              domain Out.Example.
              network 192.0.2.0/24
            pool second
              source told by the provider
              network 2001:db8::/32
              network 192.0.2.128/25
            """);
    assertThat(pools.names()).containsExactly("first", "second");
    assertThat(pools.find(ip("192.0.2.1"), "")).contains("first");
    assertThat(pools.find(ip("192.0.2.200"), "")).as("the longer prefix").contains("second");
    assertThat(pools.find(ip("2001:db8:1::1"), "")).contains("second");
    assertThat(pools.find(ip("198.51.100.1"), "mx.out.example")).contains("first");
    Pools both = good("greyprint-pools 1\npool a\nsource b\ndomain x.out.example\n").and(pools);
    assertThat(both.find(ip("198.51.100.1"), "mx.x.out.example")).contains("a");
    assertThat(both.find(ip("192.0.2.1"), "")).contains("first");
  }

  @Test
  void mistakesAreToldWithTheirLine() {
    assertThat(bad("")).containsExactly("pools:1: the first line is not 'greyprint-pools 1'");
    assertThat(bad("greyprint-pools 2\npool a\n"))
        .containsExactly(
            "pools:1: this Greyprint reads version 1 of the format, not 'greyprint-pools 2'");
    assertThat(bad("<html>404</html>")).hasSize(1);
    assertThat(bad("greyprint-pools 1\n")).containsExactly("pools: no pool in it");
    assertThat(
            bad(
                """
                greyprint-pools 1
                domain early.example
                pool Upper
                  source x
                  domain single
                  network 192.0.2.1/24
                  network 0.0.0.0/0
                  network 2000::/3
                  networks 192.0.2.0/24
                  domain
                pool none
                  domain a.example
                  domain a.example
                """))
        .containsExactly(
            "pools:2: 'domain' stands before the first pool",
            "pools:3: a pool's name is one word of a-z, 0-9 and -, not 'Upper'",
            "pools:5: 'single' is no domain of two labels or more",
            "pools:6: '192.0.2.1/24' is no network such as 192.0.2.0/24",
            "pools:7: 0.0.0.0/0 is wider than /8",
            "pools:8: 2000::/3 is wider than /19",
            "pools:9: 'networks' is none of pool, source, domain and network",
            "pools:10: nothing stands after 'domain'",
            "pools:3: pool Upper has neither domain nor network",
            "pools:13: domain a.example stands in line 12 already",
            "pools:11: pool none has no source");
  }

  @Test
  void noFileMakesItFail() {
    Random random = new Random(7);
    String alphabet = "greyprint-pools 1\npoolsourcedomainnetwork \t\n\r#/.:0123456789abcé\u0000";
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "greyprint-pools 1\n" : "");
      for (int length = random.nextInt(200); length > 0; length--) {
        switch (random.nextInt(12)) {
          case 0 -> text.append("\npool ");
          case 1 -> text.append("\nnetwork ");
          case 2 -> text.append("\ndomain ");
          default -> text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
      }
      Pools.Reading reading = Pools.read("drawn", text.toString());
      if (reading instanceof Pools.Reading.Bad bad) {
        assertThat(bad.mistakes()).isNotEmpty().hasSizeLessThanOrEqualTo(20);
      }
    }
  }
}

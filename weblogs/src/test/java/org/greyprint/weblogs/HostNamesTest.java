// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
  private static String name(String host) {
    byte[] octets = host.getBytes(StandardCharsets.ISO_8859_1);
    return HostNames.fileName(octets, 0, octets.length);
  }

  @ParameterizedTest
  @CsvSource({
    "www.Example.ORG:80,www.example.org.log",
    "www.example.org.,www.example.org.log",
    "../../etc/passwd,%2e.%2f..%2fetc%2fpasswd.log",
    "..,%2e.log",
    ".,%2e.log",
    ".htaccess,%2ehtaccess.log",
    "_no_host,%5fno_host.log",
    "a b%c,a%20b%25c.log",
    "[2001:db8::1]:443,%5b2001%3adb8%3a%3a1%5d.log",
    "2001:db8::1,2001%3adb8%3a%3a1.log",
    "host:port,host%3aport.log"
  })
  void areSafe(String host, String name) {
    assertThat(name(host)).isEqualTo(name);
  }

  @Test
  void noNameLeavesTheFolder() {
    Random random = new Random(3);
    for (int i = 0; i < 50_000; i++) {
      byte[] host = new byte[random.nextInt(300)];
      random.nextBytes(host);
      for (int j = 0; j < host.length; j++) {
        if (random.nextInt(3) == 0) {
          host[j] = (byte) "./\\_:%~".charAt(random.nextInt(7));
        }
      }
      String name = HostNames.fileName(host, 0, host.length);
      assertThat(name).matches("[a-z0-9%_-][a-z0-9%._-]*\\.log").hasSizeLessThan(256);
      assertThat(Path.of("/sites").resolve(name).normalize().getParent()).hasToString("/sites");
    }
  }

  @Test
  void longNamesDoNotFallTogether() {
    assertThat(name("a".repeat(500))).isNotEqualTo(name("a".repeat(501)));
  }
}

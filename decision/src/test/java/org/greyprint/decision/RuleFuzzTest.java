// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Conditions that were damaged at random, by a fixed seed. */
class RuleFuzzTest {
  private static final List<String> CONDITIONS =
      List.of(
          "session.authenticated || client.loopback",
          "os.family == \"Windows\" && os.role != \"server\"",
          "dns.lists.exists(l, l == 'zen') && dns.block > 1.5",
          "client.address.within('192.0.2.0/24') || dns.name.under('example.org')",
          "envelope.sender.matches('^[a-z]+@') ? points > 1.0 : size(dns.names) in [1, 2]",
          "'rtt' in extra && extra['rtt'] > 0.5 && !(client.port < 1024)");
  private static final List<String> PIECES =
      List.of(
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "'",
          "\"",
          "\\",
          "&&",
          "||",
          "!",
          "==",
          "=",
          ".",
          ",",
          "?",
          ":",
          "\n",
          "\t",
          "\u0000",
          "é",
          "\uD83D\uDE00",
          "\uD800",
          "0",
          "9999999999999999999",
          "null",
          "true",
          "os",
          "os.family",
          "dns.",
          "in",
          "has(",
          "//",
          "/*",
          "b'",
          "r'",
          "1e999");

  @Test
  void damagedConditionsCompileOrAreToldAbout() {
    Random random = new Random(7);
    int faulty = 0;
    List<RuleDefinition> rules = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      StringBuilder when = new StringBuilder(CONDITIONS.get(random.nextInt(CONDITIONS.size())));
      for (int k = random.nextInt(4); k >= 0; k--) {
        int at = random.nextInt(when.length() + 1);
        switch (random.nextInt(3)) {
          case 0 -> when.insert(at, PIECES.get(random.nextInt(PIECES.size())));
          case 1 -> when.delete(at, Math.min(when.length(), at + 1 + random.nextInt(5)));
          default -> when.append(when, 0, at);
        }
      }
      rules.add(
          RuleDefinition.of("r" + i, when.toString(), "deliver").at(new Position("f.yaml", 10, 5)));
    }
    RulesResult result = Rules.compile(rules);
    assertThat(result).isInstanceOf(RulesResult.Faulty.class);
    for (RuleError error : ((RulesResult.Faulty) result).errors()) {
      faulty++;
      assertThat(error.message()).isNotBlank();
      assertThat(error.position().line()).isGreaterThanOrEqualTo(10);
      assertThat(error.position().column()).isPositive();
    }
    assertThat(faulty).isBetween(1500, 3000);
  }

  @Test
  void deepAndLongConditionsAreToldAbout() {
    for (String when :
        List.of(
            "(".repeat(5000) + "true" + ")".repeat(5000),
            "!".repeat(10_000) + "true",
            "true" + " && true".repeat(1500),
            "'" + "x".repeat(20_000) + "' == 'x'",
            "[".repeat(3000))) {
      RulesResult result = Rules.compile(List.of(RuleDefinition.of("deep", when, "deliver")));
      if (result instanceof RulesResult.Faulty faulty) {
        assertThat(faulty.errors()).isNotEmpty();
      } else {
        assertThat(((Rules) result).definitions()).hasSize(1);
      }
    }
  }
}

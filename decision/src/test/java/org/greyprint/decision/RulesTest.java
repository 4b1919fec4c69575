// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Test;

class RulesTest {
  /** Every kind of mistake and the line that is said about it, compared with a kept file. */
  @Test
  void mistakesAreToldWithPlaceAndHint() throws IOException {
    List<RuleDefinition> wrong = new ArrayList<>();
    int line = 10;
    for (String when :
        List.of(
            "os.famly == 'Windows'",
            "os == 'Windows'",
            "famly == 'Windows'",
            "family == 'Windows'",
            "dns.spff == 'pass'",
            "os.family = 'Windows'",
            "os.family == 1",
            "os.family",
            "os.family == 'Windows' &&",
            "os.family == 'Windows",
            "os.family == 'Windows' &&\n      os.rol != 'server'",
            "client.port == '25'",
            "client.address.within('192.0.2.0/33')",
            "session.helo.matches('^(a|b')",
            "session.helo.startWith('a')",
            "dns.lists.exists(l, l = 'pbl')",
            "client.address.in('10.0.0.0/8')",
            "dns.name.under('')")) {
      wrong.add(
          RuleDefinition.of("r" + line, when, "deliver")
              .at(new Position("greyprint.yaml", line, 11)));
      line++;
    }
    wrong.add(at(RuleDefinition.of("act", "", "greylst"), 40));
    wrong.add(at(RuleDefinition.of("act2", "", "discard"), 41));
    wrong.add(at(RuleDefinition.of("delay", "", "deliver").withDelay(Duration.ofMinutes(1)), 42));
    wrong.add(at(RuleDefinition.of("text", "", "greylist").withText("no"), 43));
    wrong.add(at(RuleDefinition.of("line", "", "reject").withText("no\r\nyes"), 44));
    wrong.add(at(RuleDefinition.of("nothing", "", "mark"), 45));
    wrong.add(at(RuleDefinition.of("head", "", "mark").withMark(Map.of("X Y", "a"), 0), 46));
    wrong.add(at(RuleDefinition.of("inject", "", "mark").withMark(Map.of("X", "a\nB: c"), 0), 47));
    wrong.add(at(RuleDefinition.of("head", "", "deliver"), 48));
    wrong.add(at(RuleDefinition.of("zero", "", "greylist").withDelay(Duration.ZERO), 49));
    wrong.add(at(RuleDefinition.of(" ", "", "deliver"), 50));
    RulesResult result = Rules.compile(wrong);
    assertThat(result).isInstanceOf(RulesResult.Faulty.class);
    StringBuilder told = new StringBuilder();
    ((RulesResult.Faulty) result).errors().forEach(error -> told.append(error).append('\n'));
    try (InputStream kept = RulesTest.class.getResourceAsStream("mistakes.txt")) {
      assertThat(kept).isNotNull();
      assertThat(told.toString())
          .isEqualTo(new String(kept.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static RuleDefinition at(RuleDefinition rule, int line) {
    return rule.at(new Position("greyprint.yaml", line, 5));
  }

  @Test
  void onlyFieldsThatRulesUseAreAsked() {
    assertThat(Rules.builtIn().usesDns()).isFalse();
    Rules spf = DecisionsTest.rules(RuleDefinition.of("a", "dns.spf == 'pass'", "deliver"));
    assertThat(spf.needs()).containsExactly(Need.SPF);
    Rules server = DecisionsTest.rules(RuleDefinition.of("a", "dns.mail_server", "deliver"));
    assertThat(server.needs()).containsExactly(Need.REVERSE, Need.HELO);
  }

  @Test
  void keptEvidenceCanBeTriedAgain() {
    Rules rules =
        DecisionsTest.rules(
            RuleDefinition.of("mark", "os.family == 'Windows'", "mark").withMark(Map.of(), 1),
            RuleDefinition.of("list", "dns.block > 0.0", "reject"),
            RuleDefinition.of("pc", "os.family == 'Windows'", "greylist"),
            RuleDefinition.of("rest", "", "deliver"));
    assertThat(rules.trial(Map.of("os.family", "Windows")))
        .extracting(Rules.Trial::said, Rules.Trial::decides)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("matches", false),
            org.assertj.core.groups.Tuple.tuple("hangs on evidence that is not known", false),
            org.assertj.core.groups.Tuple.tuple("matches", true));
    assertThat(rules.trial(Map.of("dns.lists_known", true, "dns.block", 2.0)))
        .last()
        .matches(trial -> trial.decides() && trial.rule().name().equals("list"));
  }

  @Test
  void theDocumentationListsEveryFieldWithItsType() throws IOException {
    String page = Files.readString(Programs.root().resolve("docs/rules.md"));
    Rules.builtIn()
        .fieldTypes()
        .forEach((name, type) -> assertThat(page).contains("| `" + name + "` | " + type + " |"));
    long listed =
        page.lines()
            .filter(line ->
                line.matches(
                    "\\| `[a-z_0-9]+(\\.[a-z_0-9]+)?` \\| (bool|int|double|string|list of string) \\|.*"))
            .count();
    assertThat(listed).isEqualTo(Rules.builtIn().fieldTypes().size());
  }

  @Test
  void theDefaultConditionsSayWhatCelSays() {
    Fields fields = new Fields(FaceFields.ALL);
    List<Rule> cel = ((Rules) new RuleCompiler(fields, false).compile(Rules.defaults())).list();
    List<Rule> written = ((Rules) new RuleCompiler(fields).compile(Rules.defaults())).list();
    java.util.Random random = new java.util.Random(9);
    List<String> families = List.of("Windows", "windows", "Linux", "unknown");
    int matched = 0;
    for (int i = 0; i < 2000; i++) {
      var print =
          random.nextInt(4) == 0
              ? java.util.Optional.<org.greyprint.fingerprint.Fingerprint>empty()
              : Inquiries.os(
                  families.get(random.nextInt(4)),
                  "",
                  org.greyprint.fingerprint.Role.values()[random.nextInt(3)]);
      String address = List.of("127.0.0.1", "192.0.2.7", "::1", "2001:db8::1").get(i % 4);
      Inquiry inquiry =
          Inquiries.session(
              Inquiries.from(address, print), "h", random.nextBoolean() ? "" : "anna");
      for (int r = 0; r < cel.size(); r++) {
        Facts facts =
            new Facts(inquiry, new DnsFacts(n -> EvidenceSource.NONE.ask(n, inquiry)), fields);
        Rule.Match match = cel.get(r).match(facts);
        assertThat(written.get(r).match(facts)).isEqualTo(match);
        matched += match instanceof Rule.Match.Yes ? 1 : 0;
      }
    }
    assertThat(matched).isBetween(2500, 5500);
  }

  @Test
  void functionsForNetworksAndDomains() {
    assertThat(RuleFunctions.within("192.0.2.77", "192.0.2.64/26")).isTrue();
    assertThat(RuleFunctions.within("192.0.2.63", "192.0.2.64/26")).isFalse();
    assertThat(RuleFunctions.within("2001:db8:0:0:0:0:0:1", "2001:db8::/32")).isTrue();
    assertThat(RuleFunctions.within("192.0.2.1", "::/0")).isFalse();
    assertThat(RuleFunctions.within("192.0.2.1", "0.0.0.0/0")).isTrue();
    assertThat(RuleFunctions.within("a name", "0.0.0.0/0")).isFalse();
    assertThat(RuleFunctions.under("Mail.Example.org.", "example.ORG")).isTrue();
    assertThat(RuleFunctions.under("notexample.org", "example.org")).isFalse();
  }

  @Test
  void everyFieldHasAValueOfItsType() {
    Fields fields = new Fields(FaceFields.ALL);
    for (Inquiry inquiry :
        List.of(
            Inquiries.from("192.0.2.7", Inquiries.windowsPc()),
            Inquiries.from("2001:db8::7", java.util.Optional.empty()))) {
      Facts facts =
          new Facts(inquiry, new DnsFacts(n -> EvidenceSource.NONE.ask(n, inquiry)), fields);
      assertThat(fields.all()).hasSizeGreaterThan(40);
      for (Field field : fields.all()) {
        assertThat(field.type().holds(field.reader().apply(facts))).as(field.name()).isTrue();
      }
    }
  }

  /** What is always the same is not read anew for each decision, and must not differ from it. */
  @Test
  void evidenceIsEveryFieldThatSaysSomething() {
    Fields fields = new Fields(FaceFields.ALL);
    java.util.Set<Need> all = java.util.EnumSet.allOf(Need.class);
    for (Inquiry inquiry :
        List.of(
            Inquiries.from("192.0.2.7", Inquiries.windowsPc()),
            Inquiries.from("2001:db8::7", java.util.Optional.empty()))) {
      for (java.util.Set<Need> needs : List.of(java.util.Set.<Need>of(), all)) {
        DnsFacts dns = new DnsFacts(n -> EvidenceSource.NONE.ask(n, inquiry));
        dns.ask(needs);
        Facts facts = new Facts(inquiry, dns, fields);
        java.util.Map<String, Object> expected = new java.util.LinkedHashMap<>();
        for (Field field : fields.all()) {
          Object value = field.reader().apply(facts);
          boolean told = field.explicit() || !Facts.empty(value);
          if (told && needs.containsAll(field.needs())) {
            expected.put(field.name(), value);
          }
        }
        Evidence evidence = new Evidence();
        facts.collect(evidence);
        assertThat(evidence).containsExactlyEntriesOf(expected);
      }
    }
  }
}

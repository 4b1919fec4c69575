// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Decisions;
import org.greyprint.decision.Dns;
import org.greyprint.decision.DnsAnswer;
import org.greyprint.decision.DnsEvidence;
import org.greyprint.decision.DnsList;
import org.greyprint.decision.DnsSettings;
import org.greyprint.decision.DnsType;
import org.greyprint.decision.GreylistGate;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.RuleDefinition;
import org.greyprint.decision.Rules;
import org.greyprint.decision.Verdict;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The rules under examples/ are loaded and asked. */
class ExampleRulesTest {
  private static final String SERVER = "192.0.2.7";
  private static final String HOME = "192.0.2.200";

  private final List<Duration> delays = new ArrayList<>();
  private boolean dnsDown;

  private DnsAnswer dns(String name, DnsType type) {
    if (dnsDown) {
      return new DnsAnswer.Failed("down");
    }
    Map<String, List<String>> records =
        Map.of(
            "7.2.0.192.in-addr.arpa PTR", List.of("mail.example.org"),
            "mail.example.org A", List.of(SERVER),
            "example.org TXT", List.of("v=spf1 ip4:192.0.2.7 -all"),
            "9.2.0.192.list.dnswl.org A", List.of("127.0.5.2"));
    List<String> values = records.get(name + " " + type);
    return values == null
        ? new DnsAnswer.Absent(Duration.ofMinutes(5))
        : new DnsAnswer.Found(values, Duration.ofMinutes(5));
  }

  private static Map<?, ?> yaml(String example) throws IOException {
    Path file = Programs.root().resolve("examples").resolve(example);
    return (Map<?, ?>)
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
  }

  private static Rules rules(Map<?, ?> yaml) {
    List<RuleDefinition> definitions = new ArrayList<>();
    for (Object item : (List<?>) requireNonNull(yaml.get("rules"))) {
      Map<?, ?> map = (Map<?, ?>) item;
      RuleDefinition rule =
          RuleDefinition.of(
              (String) requireNonNull(map.get("name")),
              map.get("when") instanceof String when ? when : "",
              (String) requireNonNull(map.get("then")));
      if (map.get("delay") instanceof String delay) {
        rule = rule.withDelay(Duration.parse("PT" + delay));
      }
      definitions.add(Boolean.TRUE.equals(map.get("observe")) ? rule.observing() : rule);
    }
    assertThat(Rules.compile(definitions)).isInstanceOf(Rules.class);
    return (Rules) Rules.compile(definitions);
  }

  private Decisions decisions(String example) throws IOException {
    Map<?, ?> yaml = yaml(example);
    Dns dns = (name, type) -> CompletableFuture.completedFuture(dns(name, type));
    DnsList allow =
        new DnsList(
            "list.dnswl.org",
            "list.dnswl.org",
            true,
            List.of(DnsList.Code.parse("127.0.*.1-3", 1).orElseThrow()));
    return Decisions.builder()
        .rules(rules(yaml))
        .observe("observe".equals(yaml.get("mode")))
        .evidence(new DnsEvidence(dns, DnsSettings.DEFAULT.with(List.of(allow)), System::nanoTime))
        .greylist(question -> {
          delays.add(question.delay().orElse(Duration.ZERO));
          return CompletableFuture.completedFuture(
              new GreylistGate.Deferred(Duration.ofMinutes(5), "new", 1));
        })
        .build();
  }

  private static Decision ask(Decisions decisions, String address, String family, String login)
      throws IOException {
    Optional<Fingerprint> print =
        family.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new Fingerprint(
                    new OperatingSystem(family, family, "", Role.CLIENT, Quality.EXACT, 1),
                    1,
                    "",
                    1500,
                    "4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0"));
    Inquiry inquiry =
        new Inquiry(
            Instant.EPOCH,
            new Inquiry.Client(InetAddress.getByName(address), 1, "", ""),
            new Inquiry.Session("milter", address, 25, "mail.example.org", login, ""),
            new Inquiry.Envelope("m", "anna@example.org", "bob@example.net", 0),
            print,
            Map.of());
    return decisions.decide(inquiry).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static String verdict(Decisions decisions, String address, String family)
      throws IOException {
    return ask(decisions, address, family, "").verdict() instanceof Verdict.Defer
        ? "defer"
        : "deliver";
  }

  @Test
  void theDefaultIsTheBuiltInOne() throws IOException {
    assertThat(decisions("default.yaml").rules().definitions()).isEqualTo(Rules.defaults());
  }

  @Test
  void windowsWithoutMailServerDns() throws IOException {
    Decisions decisions = decisions("windows-without-mail-server-dns.yaml");
    assertThat(verdict(decisions, SERVER, "Windows")).isEqualTo("deliver");
    assertThat(verdict(decisions, HOME, "Windows")).isEqualTo("defer");
    assertThat(verdict(decisions, HOME, "Linux")).isEqualTo("deliver");
    assertThat(ask(decisions, HOME, "Windows", "anna").rule()).isEqualTo("own users");
    dnsDown = true;
    assertThat(verdict(decisions, "192.0.2.201", "Windows")).isEqualTo("deliver");
  }

  @Test
  void greylistAllButProven() throws IOException {
    Decisions decisions = decisions("greylist-all-but-proven.yaml");
    assertThat(verdict(decisions, SERVER, "Linux")).isEqualTo("deliver");
    assertThat(verdict(decisions, "192.0.2.9", "")).isEqualTo("deliver");
    assertThat(verdict(decisions, HOME, "Linux")).isEqualTo("defer");
    assertThat(verdict(decisions, HOME, "Windows")).isEqualTo("defer");
    assertThat(delays).containsExactly(Duration.ofMinutes(1), Duration.ofMinutes(10));
    dnsDown = true;
    assertThat(verdict(decisions, "192.0.2.201", "Linux")).isEqualTo("deliver");
  }

  @Test
  void observeOnly() throws IOException {
    Decisions decisions = decisions("observe.yaml");
    Decision pc = ask(decisions, SERVER, "Windows", "");
    assertThat(pc.verdict()).isEqualTo(new Verdict.Deliver());
    assertThat(pc.intended()).isInstanceOf(Verdict.Defer.class);
    Decision nameless = ask(decisions, HOME, "Linux", "");
    assertThat(nameless.intended()).isInstanceOf(Verdict.Defer.class);
    decisions.observe(false);
    assertThat(verdict(decisions, HOME, "Linux")).isEqualTo("deliver");
    assertThat(verdict(decisions, HOME, "Windows")).isEqualTo("defer");
  }
}

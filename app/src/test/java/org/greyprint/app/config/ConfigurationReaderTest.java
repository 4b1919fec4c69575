// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.decision.DnsSettings;
import org.greyprint.decision.RuleDefinition;
import org.greyprint.decision.Rules;
import org.greyprint.greylist.GreylistSettings;
import org.greyprint.greylist.GreylistSettings.AutoAllow;
import org.greyprint.greylist.GreylistSettings.Correspondents;
import org.greyprint.greylist.GreylistSettings.Networks;
import org.greyprint.greylist.GreylistSettings.Pools;
import org.greyprint.journal.JournalSettings;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterSettings;
import org.greyprint.mta.FaceSettings;
import org.greyprint.mta.PolicySettings;
import org.greyprint.mta.gateway.GatewaySettings;
import org.greyprint.mta.gateway.NextHop;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Test;

class ConfigurationReaderTest {
  private static final Pattern ROW =
      Pattern.compile("^\\| `([a-z0-9.\\[\\]-]+)` \\| *([^|]*?) *\\|", Pattern.MULTILINE);

  private static String resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ConfigurationReaderTest.class.getResourceAsStream(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Configuration read(String text) {
    ConfigurationResult result = ConfigurationReader.read("test.yaml", text);
    assertThat(result).isInstanceOf(Configuration.class);
    return (Configuration) result;
  }

  private static String mistakes(String text) {
    ConfigurationResult result = ConfigurationReader.read("test.yaml", text);
    assertThat(result).isInstanceOf(ConfigurationResult.Faulty.class);
    return result.toString();
  }

  /** Each key and its default, as docs/configuration.md has them. */
  private static Map<String, String> page() throws IOException {
    String page = Files.readString(Programs.root().resolve("docs/configuration.md"));
    Map<String, String> rows = new LinkedHashMap<>();
    Matcher row = ROW.matcher(page);
    while (row.find()) {
      assertThat(rows.put(row.group(1), row.group(2).strip())).as(row.group(1)).isNull();
    }
    return rows;
  }

  @Test
  void everyMistakeIsToldAtOnceWithItsPlace() throws IOException {
    String expected = resource("mistakes.expected").strip();
    ConfigurationResult result =
        ConfigurationReader.read("mistakes.yaml", resource("mistakes.yaml"));
    assertThat(result.toString()).isEqualTo(expected);
  }

  @Test
  void whatIsNoYamlIsToldWithItsPlace() {
    assertThat(mistakes("listen:\n  milter: [unix:/run/a.sock\nmode: observe\n"))
        .isEqualTo("test.yaml:3:5: this is no YAML: expected ',' or ']', but got :");
    assertThat(mistakes("- a\n- list\n"))
        .isEqualTo("test.yaml:1:1: keys with values are expected, such as 'mode: observe'");
    assertThat(mistakes("a: *nowhere\n")).startsWith("test.yaml:1:4: this is no YAML");
  }

  @Test
  void aStoreOfAnUnknownKindIsAMistake() {
    assertThat(mistakes("store: floppy:/dev/fd0"))
        .startsWith("test.yaml:1:8: store: 'floppy:/dev/fd0' is not a store, such as rocksdb:/");
  }

  @Test
  void nothingIsValid() {
    for (String text : List.of("", "# nothing\n", "---\n", "listen:\ngreylist: ~\nrules:\n")) {
      Configuration read = read(text);
      assertThat(read.gateway().orElseThrow().settings().listeners())
          .isEqualTo(GatewaySettings.DEFAULT.listeners());
      assertThat(read.captures()).isEmpty();
      assertThat(read.greylist()).isEqualTo(GreylistSettings.DEFAULT);
      assertThat(read.rules().definitions()).isEqualTo(Rules.defaults());
      assertThat(read.dns()).contains(DnsSettings.DEFAULT);
      assertThat(read.journal()).isEqualTo(JournalSettings.in(Path.of("var", "journal")));
      assertThat(read.milter().settings()).isEqualTo(MilterSettings.DEFAULT);
      assertThat(read.policy().settings()).isEqualTo(PolicySettings.DEFAULT);
      assertThat(read.face()).isEqualTo(FaceSettings.DEFAULT);
    }
  }

  @Test
  void aFaceForAnMtaNeedsNoGatewayButACapture() {
    Configuration read = read("listen: {milter: 'inet:127.0.0.1:0'}");
    assertThat(read.gateway()).isEmpty();
    assertThat(read.captures())
        .containsExactly(new Configuration.Capture.Interface("any", List.of(25, 465, 587)));
    assertThat(read("capture: []\nlisten: {milter: 'inet:127.0.0.1:0'}").captures()).isEmpty();
  }

  @Test
  void everyKeyIsRead() throws IOException {
    Configuration read = read(resource("full.yaml"));
    assertThat(read.state()).isEqualTo(Path.of("/srv/greyprint"));
    assertThat(read.captures())
        .containsExactly(
            new Configuration.Capture.Interface("eth0", List.of(25, 2525)),
            new Configuration.Capture.P0f(Path.of("/run/p0f.sock")));
    assertThat(read.clients()).isEqualTo(new Configuration.Clients(1000, Duration.ofHours(1)));
    assertThat(read.milter().endpoints())
        .containsExactly(
            new Endpoint.Unix(Path.of("/run/greyprint/milter.sock")),
            new Endpoint.Inet("127.0.0.1", 8893));
    assertThat(read.milter().settings())
        .isEqualTo(
            new MilterSettings(Duration.ofSeconds(3), Duration.ofMinutes(30), 2 << 20, 100, 3));
    assertThat(read.policy().endpoints()).containsExactly(new Endpoint.Inet("::1", 10040));
    assertThat(read.policy().settings())
        .isEqualTo(
            new PolicySettings(
                "X-Greyprint-5d2c81f07a3e",
                Duration.ofSeconds(4),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                50,
                500,
                3));
    assertThat(read.p0f()).containsExactly(new Endpoint.Unix(Path.of("/run/greyprint/p0f.sock")));
    assertThat(read.admin())
        .isEqualTo(
            new Configuration.Admin(
                Optional.of(new InetSocketAddress("::1", 8026)), Path.of("/etc/greyprint/token")));
    assertThat(read.signatures()).containsExactly("/etc/p0f/p0f.fp", "builtin");
    assertThat(read.store()).isEqualTo("rocksdb:/srv/greylist");
    assertThat(read.greylist())
        .isEqualTo(
            new GreylistSettings(
                Duration.ofMinutes(1),
                Duration.ofDays(1),
                Duration.ofDays(30),
                Duration.ofHours(2),
                7,
                new Networks(32, 56),
                new AutoAllow(
                    3, Duration.ofMinutes(30), AutoAllow.Scope.DOMAIN, Duration.ofDays(10)),
                new Correspondents(false, Duration.ofDays(20)),
                new Pools(false, 64)));
    assertThat(read.face())
        .isEqualTo(new FaceSettings("X-Client-OS", Duration.ofMillis(100), true));
    assertThat(read.idHeader()).contains("X-Greyprint-Id");
    assertThat(read.marksHeader()).contains("X-Marks");
    assertThat(read.observe()).isTrue();
    assertThat(read.log().level()).isEqualTo(Configuration.Log.Level.WARN);
    JournalSettings journal = read.journal();
    assertThat(journal.directory()).isEqualTo(Path.of("/srv/journal"));
    assertThat(journal.maxAge()).isEqualTo(Duration.ofDays(7));
    assertThat(journal.maxBytes()).isEqualTo(64L << 20);
    assertThat(journal.queue()).isEqualTo(1000);
    assertThat(journal.flush()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void dnsIsRead() throws IOException {
    DnsSettings dns = read(resource("full.yaml")).dns().orElseThrow();
    assertThat(dns.servers())
        .containsExactly(
            new InetSocketAddress("127.0.0.1", 53), new InetSocketAddress("::1", 5353));
    assertThat(dns.deadline()).isEqualTo(Duration.ofSeconds(2));
    assertThat(dns.tryTimeout()).isEqualTo(Duration.ofMillis(500));
    assertThat(dns.cache()).isEqualTo(1000);
    assertThat(dns.lists()).hasSize(2);
    assertThat(dns.lists().getFirst().name()).isEqualTo("zen");
    assertThat(dns.lists().getFirst().allow()).isFalse();
    assertThat(dns.lists().getFirst().codes().getFirst().weight()).isEqualTo(1.5);
    assertThat(dns.lists().getLast().name()).isEqualTo("list.dnswl.org");
    assertThat(dns.lists().getLast().allow()).isTrue();
    assertThat(read("dns: {servers: []}").dns()).isEmpty();
  }

  @Test
  void rulesAreRead() throws IOException {
    List<RuleDefinition> rules = read(resource("full.yaml")).rules().definitions();
    assertThat(rules)
        .extracting(RuleDefinition::name)
        .containsExactly("marked", "listed", "Windows PC");
    assertThat(rules.get(0).headers()).isEqualTo(Map.of("X-Listed", "yes", "X-Second", "2"));
    assertThat(rules.get(0).points()).isEqualTo(1.5);
    assertThat(rules.get(1).text()).contains("Listed");
    assertThat(rules.get(2).when()).isEqualTo("os.family == \"Windows\" && os.role != \"server\"");
    assertThat(rules.get(2).delay()).contains(Duration.ofMinutes(10));
    assertThat(rules.get(2).observe()).isTrue();
  }

  @Test
  void theGatewayIsRead() throws IOException {
    Configuration.Gateway gateway = read(resource("full.yaml")).gateway().orElseThrow();
    GatewaySettings settings = gateway.settings();
    assertThat(settings.listeners())
        .containsExactly(
            new GatewaySettings.Listener(
                "smtp", new InetSocketAddress("127.0.0.1", 2526), false, List.of()),
            new GatewaySettings.Listener(
                "balanced",
                new InetSocketAddress("::1", 2527),
                true,
                List.of("192.0.2.0/24", "2001:db8::/32")));
    assertThat(gateway.rules()).containsOnlyKeys("balanced");
    assertThat(settings.nextHop()).isEqualTo(new NextHop.Smtp("127.0.0.1", 10025, false));
    assertThat(settings.identity()).isEqualTo(GatewaySettings.Identity.PROXY_V2);
    assertThat(settings.hopTls()).isEqualTo(GatewaySettings.HopTls.VERIFY);
    assertThat(settings.hopAuthority()).contains(Path.of("/etc/ssl/hop.pem"));
    assertThat(settings.tls().orElseThrow().byName()).containsOnlyKeys("mail.example.net");
    assertThat(settings.hostname()).isEqualTo("mail.example.org");
    assertThat(settings.strays()).isEqualTo(GatewaySettings.Strays.REFUSE);
    assertThat(settings.threads()).isEqualTo(3);
    assertThat(settings.face().header()).isEqualTo("X-Client-OS");
    assertThat(settings.limits())
        .isEqualTo(
            new GatewaySettings.Limits(
                10, 2, 100, 1024, 50, 2, 5, 3, Duration.ofSeconds(2), 50L << 20));
    assertThat(settings.timeouts())
        .isEqualTo(
            new GatewaySettings.Timeouts(
                Duration.ofMinutes(1),
                Duration.ofMinutes(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(90),
                Duration.ofMinutes(3),
                Duration.ofSeconds(2),
                Duration.ofSeconds(15),
                Duration.ofSeconds(5)));
  }

  @Test
  void thePageHasEveryKeyAndNoOther() throws IOException {
    Set<String> known = ConfigurationReader.keys(resource("full.yaml"));
    // A listener's rules have the keys of all rules.
    Set<String> expected = new TreeSet<>(known);
    expected.removeIf(key -> key.startsWith("listen.gateway.listeners[].rules[]."));
    assertThat(page().keySet()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void theDefaultsOfThePageAreTheDefaults() throws IOException {
    List<String> tried = new ArrayList<>();
    page()
        .forEach((key, value) -> {
          Matcher literal = Pattern.compile("`([^`]+)`").matcher(value);
          if (!literal.matches() || key.contains("[]") || value.equals("`header`'s")) {
            return;
          }
          StringBuilder text = new StringBuilder();
          String indent = "";
          String[] parts = key.split("\\.");
          for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            text.append(indent).append(parts[i]).append(':');
            text.append(last ? " " + literal.group(1) : "").append('\n');
            indent += "  ";
          }
          Configuration given = read(text.toString());
          Configuration defaults = ConfigurationReader.defaults();
          assertThat(parts(given)).as(key).isEqualTo(parts(defaults));
          tried.add(key);
        });
    assertThat(tried).hasSizeGreaterThan(50).contains("greylist.delay", "listen.admin");
  }

  /** What can be compared, in parts. */
  private static List<Object> parts(Configuration read) {
    return List.of(
        read.state(),
        read.captures(),
        read.clients(),
        read.signatures(),
        read.store(),
        read.greylist(),
        read.face(),
        read.idHeader(),
        read.marksHeader(),
        read.observe(),
        read.dns(),
        read.journal(),
        read.milter(),
        read.policy(),
        read.p0f(),
        read.gateway().map(Configuration.Gateway::settings),
        read.admin(),
        read.log());
  }

  @Test
  void changedFilesGiveMistakesAndNeverAnException() throws IOException {
    String full = resource("full.yaml");
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
    String signs = ":[]{},-\n \"'|>#&*!%@`0aZ\t\u0000\u00e4";
    int faulty = 0;
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(full);
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, signs.charAt(random.nextInt(signs.length())));
          default -> text.setCharAt(at, signs.charAt(random.nextInt(signs.length())));
        }
      }
      if (ConfigurationReader.read("x", text.toString())
          instanceof ConfigurationResult.Faulty bad) {
        faulty++;
        assertThat(bad.problems()).isNotEmpty().allMatch(p -> p.position().line() >= 1);
      }
    }
    assertThat(faulty).isBetween(300, 3000);
  }
}

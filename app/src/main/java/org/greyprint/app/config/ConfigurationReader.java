// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.greyprint.app.config.Configuration.Admin;
import org.greyprint.app.config.Configuration.Capture;
import org.greyprint.app.config.Configuration.Clients;
import org.greyprint.capture.Captures;
import org.greyprint.capture.ClientTable;
import org.greyprint.fingerprint.Database;
import org.greyprint.journal.JournalSettings;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterSettings;
import org.greyprint.mta.FaceSettings;
import org.greyprint.mta.PolicySettings;

/**
 * Reads a configuration file.
 *
 * <p>Each key has its default, so an empty file is valid. Reading goes on after a mistake, so that
 * all of them are told at once, with their places.
 *
 * <h2>CONFIGURATION</h2>
 *
 * docs/configuration.md.
 */
public final class ConfigurationReader {
  static final Duration NONE = Duration.ZERO;
  static final Duration SECOND = Duration.ofSeconds(1);
  static final Duration MINUTE = Duration.ofMinutes(1);
  static final Duration DAY = Duration.ofDays(1);
  static final Duration YEAR = Duration.ofDays(365);

  private static final String ADDRESS = "an address such as unix:/path or inet:127.0.0.1:8893";
  private static final Pattern HEADER = Pattern.compile("[!-9;-~]{1,76}");
  private static final Pattern INTERFACE = Pattern.compile("[^\\s/]{1,15}");

  private final Source source;
  private final Section top;

  private ConfigurationReader(String file, String text) {
    source = new Source(file, text);
    top = source.top();
  }

  /**
   * Reads a configuration.
   *
   * @param file what messages call it
   * @param text its content
   */
  public static ConfigurationResult read(String file, String text) {
    return new ConfigurationReader(file, text).read();
  }

  /** The configuration where there is no file. */
  public static Configuration defaults() {
    return switch (read("", "")) {
      case Configuration configuration -> configuration;
      case ConfigurationResult.Faulty faulty -> throw new IllegalStateException(faulty.toString());
    };
  }

  /** Every key that reading this text asks for. */
  static Set<String> keys(String text) {
    ConfigurationReader reader = new ConfigurationReader("", text);
    reader.read();
    return reader.source.asked();
  }

  private ConfigurationResult read() {
    Path state = top.path("state", Configuration.STATE);
    FaceSettings face = face();
    Section listen = top.section("listen");
    List<Endpoint> milter = endpoints(listen, "milter");
    List<Endpoint> policy = endpoints(listen, "policy");
    String policyHeader = header(listen, "policy-header", Optional.of(face.header())).orElse("");
    List<Endpoint> p0f = endpoints(listen, "p0f");
    boolean alone = milter.isEmpty() && policy.isEmpty() && p0f.isEmpty();
    Optional<Configuration.Gateway> gateway = new GatewayReader(listen, state, face).read(alone);
    Optional<InetSocketAddress> admin = admin(listen);
    listen.end();
    GreylistReader greylist = GreylistReader.read(top.section("greylist"));
    Configuration configuration =
        new Configuration(
            source.file(),
            state,
            captures(!alone),
            clients(),
            signatures(),
            GreylistReader.store(top, state),
            greylist.settings(),
            greylist.poolFiles(),
            face,
            header(top, "id-header", Optional.empty()),
            header(top, "marks-header", Optional.of("X-Greyprint-Mark")),
            top.choice("mode", Mode.ENFORCE) == Mode.OBSERVE,
            RulesReader.read(top, "rules"),
            DnsReader.read(top.section("dns")),
            journal(state),
            new Configuration.Milter(milter, milterSettings()),
            new Configuration.Policy(policy, policySettings(policyHeader)),
            p0f,
            gateway,
            new Admin(admin, tokenFile(state)),
            log());
    top.end();
    List<Problem> problems = source.problems();
    return problems.isEmpty() ? configuration : new ConfigurationResult.Faulty(problems);
  }

  private enum Mode {
    ENFORCE,
    OBSERVE
  }

  private FaceSettings face() {
    FaceSettings defaults = FaceSettings.DEFAULT;
    return new FaceSettings(
        header(top, "header", Optional.of(defaults.header())).orElse(defaults.header()),
        top.time("patience", defaults.patience(), NONE, Duration.ofSeconds(2)),
        top.flag("id-in-reply", defaults.idInReply()));
  }

  /** The name of a header field, or {@code none} where there is no default. */
  private static Optional<String> header(Section section, String key, Optional<String> fallback) {
    boolean mayBeNone = !key.equals("header") && !key.equals("policy-header");
    return section.parse(
        key,
        fallback,
        text ->
            mayBeNone && text.equals("none")
                ? Optional.of(Optional.empty())
                : HEADER.matcher(text).matches()
                    ? Optional.of(Optional.of(text))
                    : Optional.empty(),
        "the name of a header field" + (mayBeNone ? ", or none" : ""));
  }

  static List<Endpoint> endpoints(Section section, String key) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Value item : section.list(key)) {
      item.parse(Endpoint::parse, ADDRESS)
          .ifPresent(endpoint -> {
            if (endpoints.contains(endpoint)) {
              item.problem(endpoint + " stands here a second time");
            } else {
              endpoints.add(endpoint);
            }
          });
    }
    return endpoints;
  }

  /** A TCP address whose host is known. */
  static Optional<InetSocketAddress> inet(String text) {
    if (!(Endpoint.parse(text).orElse(null) instanceof Endpoint.Inet(String host, int port))) {
      return Optional.empty();
    }
    try {
      return Optional.of(new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private static Optional<InetSocketAddress> admin(Section listen) {
    if (listen.find("admin").filter(value -> value.is("none")).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        listen.parse(
            "admin",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 8025),
            ConfigurationReader::inet,
            "an address such as 127.0.0.1:8025, or none"));
  }

  private Path tokenFile(Path state) {
    Section admin = top.section("admin");
    Path file = admin.path("token-file", state.resolve("admin.token"));
    admin.end();
    return file;
  }

  private Configuration.Log log() {
    Section log = top.section("log");
    Configuration.Log read =
        new Configuration.Log(log.choice("level", Configuration.Log.Level.INFO));
    log.end();
    return read;
  }

  private List<Capture> captures(boolean wanted) {
    if (!top.has("capture") && wanted && top.find("capture").isEmpty()) {
      return List.of(new Capture.Interface("any", Captures.SMTP_PORTS));
    }
    List<Capture> captures = new ArrayList<>();
    for (Value item : top.list("capture")) {
      if (!item.isMapping()) {
        item.problem("give 'interface: NAME', such as 'interface: eth0', or 'p0f: PATH'");
        continue;
      }
      Section section = item.section();
      Optional<String> name =
          section
              .find("interface")
              .flatMap(value ->
                  value.parse(
                      text ->
                          INTERFACE.matcher(text).matches() ? Optional.of(text) : Optional.empty(),
                      "the name of an interface"));
      List<Integer> ports = section.list("ports", ConfigurationReader::port, "a port, 1 to 65535");
      Optional<Path> p0f = section.path("p0f");
      if (section.has("interface") == section.has("p0f")) {
        section.problem(item.position(), "capture[]: either interface or p0f is needed");
      } else if (section.has("p0f") && section.has("ports")) {
        section.problem("ports", "goes only with interface");
      }
      name.ifPresent(device ->
          captures.add(
              new Capture.Interface(device, ports.isEmpty() ? Captures.SMTP_PORTS : ports)));
      p0f.ifPresent(socket -> captures.add(new Capture.P0f(socket)));
      section.end();
    }
    return captures;
  }

  static Optional<Integer> port(String text) {
    return text.matches("\\d{1,5}")
        ? Optional.of(Integer.parseInt(text)).filter(port -> port >= 1 && port <= 65535)
        : Optional.empty();
  }

  private Clients clients() {
    Section clients = top.section("clients");
    Clients read =
        new Clients(
            clients.integer("capacity", ClientTable.DEFAULT_CAPACITY, 16, 1 << 26),
            clients.time("max-age", ClientTable.DEFAULT_MAX_AGE, SECOND, DAY.multipliedBy(30)));
    clients.end();
    return read;
  }

  private List<String> signatures() {
    List<String> names =
        top.list(
            "signatures",
            text -> text.isBlank() ? Optional.empty() : Optional.of(text),
            "a file, or builtin");
    return names.isEmpty() ? List.of(Database.BUILTIN) : names;
  }

  private JournalSettings journal(Path state) {
    Section section = top.section("journal");
    Path directory = section.path("directory", state.resolve("journal"));
    JournalSettings defaults = JournalSettings.in(directory);
    long bytes = section.number("max-megabytes", defaults.maxBytes() >> 20, 1, 1 << 24) << 20;
    JournalSettings kept =
        defaults.keeping(
            section.time("keep", defaults.maxAge(), MINUTE, YEAR.multipliedBy(50)), bytes);
    JournalSettings read =
        new JournalSettings(
            directory,
            kept.maxAge(),
            kept.maxBytes(),
            kept.segmentBytes(),
            section.integer("queue", defaults.queue(), 1, 1 << 22),
            section.time("flush", defaults.flush(), Duration.ofMillis(1), MINUTE));
    section.end();
    return read;
  }

  private MilterSettings milterSettings() {
    Section section = top.section("milter");
    MilterSettings defaults = MilterSettings.DEFAULT;
    MilterSettings read =
        new MilterSettings(
            section.time("deadline", defaults.deadline(), Duration.ofMillis(1), MINUTE),
            section.time("idle", defaults.idle(), SECOND, DAY),
            (int) section.octets("max-frame", defaults.maxFrame(), 1024, 1 << 26),
            section.integer("max-sessions", defaults.maxSessions(), 1, 1 << 20),
            section.integer("threads", defaults.threads(), 1, 64));
    section.end();
    return read;
  }

  private PolicySettings policySettings(String header) {
    Section section = top.section("policy");
    PolicySettings defaults = PolicySettings.DEFAULT;
    PolicySettings read =
        new PolicySettings(
            header,
            section.time("deadline", defaults.deadline(), Duration.ofMillis(1), MINUTE),
            section.time("request", defaults.request(), SECOND, MINUTE.multipliedBy(10)),
            section.time("idle", defaults.idle(), SECOND, DAY),
            section.integer("max-connections", defaults.maxConnections(), 1, 1 << 20),
            section.integer("instances", defaults.instances(), 1, 1 << 22),
            section.integer("threads", defaults.threads(), 1, 64));
    section.end();
    return read;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.greyprint.decision.Rules;
import org.greyprint.mta.FaceSettings;
import org.greyprint.mta.gateway.GatewaySettings;
import org.greyprint.mta.gateway.GatewaySettings.KeyPair;
import org.greyprint.mta.gateway.GatewaySettings.Limits;
import org.greyprint.mta.gateway.GatewaySettings.Listener;
import org.greyprint.mta.gateway.GatewaySettings.Timeouts;
import org.greyprint.mta.gateway.GatewaySettings.Tls;
import org.greyprint.mta.gateway.NextHop;

/** Reads {@code listen.gateway}. */
final class GatewayReader {
  private static final Duration TICK = Duration.ofMillis(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int MANY = 10_000_000;

  private final Section listen;
  private final Path state;
  private final FaceSettings face;
  private final List<Listener> listeners = new ArrayList<>();
  private final Map<String, Rules> rules = new HashMap<>();

  GatewayReader(Section listen, Path state, FaceSettings face) {
    this.listen = listen;
    this.state = state;
    this.face = face;
  }

  /**
   * The gateway.
   *
   * @param wanted whether there is one where the key is not there
   */
  Optional<Configuration.Gateway> read(boolean wanted) {
    Optional<Value> value = listen.find("gateway");
    if (value.isEmpty() && !wanted) {
      return Optional.empty();
    }
    if (value.isPresent() && !value.get().isMapping()) {
      Value single = value.get();
      if (single.isList()) {
        single.problem("'address' and 'next-hop' are expected");
      } else if (!single.is("none")) {
        single
            .parse(ConfigurationReader::inet, "an address such as 127.0.0.1:2525, or none")
            .ifPresent(address -> listeners.add(Listener.of(address)));
      } else {
        return Optional.empty();
      }
      return Optional.of(new Configuration.Gateway(settings(listen.nothing("gateway")), Map.of()));
    }
    Section section = listen.section("gateway");
    listeners(section);
    GatewaySettings settings = settings(section);
    section.end();
    return Optional.of(new Configuration.Gateway(settings, Map.copyOf(rules)));
  }

  private GatewaySettings settings(Section section) {
    GatewaySettings defaults = GatewaySettings.DEFAULT;
    Optional<Tls> tls = tls(section);
    for (Listener listener : listeners) {
      if (listener.implicitTls() && tls.isEmpty()) {
        section.problem("tls", "listener " + listener.name() + " needs a certificate");
      }
    }
    return new GatewaySettings(
        listeners.isEmpty() ? defaults.listeners() : listeners,
        section.parse(
            "next-hop",
            new NextHop.Maildir(state.resolve("mail")),
            NextHop::parse,
            "a next hop: smtp://host:port, smtps://host, lmtp:unix:/path or maildir:/path"),
        section.choice("identity", defaults.identity()),
        section.choice("hop-tls", defaults.hopTls()),
        section.path("hop-authority"),
        tls,
        section.parse(
            "hostname",
            defaults.hostname(),
            text ->
                text.matches("[A-Za-z0-9._:\\[\\]-]{1,255}") ? Optional.of(text) : Optional.empty(),
            "a host name"),
        face,
        section.choice("strays", defaults.strays()),
        limits(section.section("limits")),
        timeouts(section.section("timeouts")),
        section.integer("threads", defaults.threads(), 1, 64));
  }

  private void listeners(Section section) {
    for (InetSocketAddress address :
        section.list("address", ConfigurationReader::inet, "an address such as 127.0.0.1:2525")) {
      listeners.add(new Listener(name(), address, false, List.of()));
    }
    for (Value item : section.list("listeners")) {
      if (!item.isMapping()) {
        item.problem("a listener with 'address' is expected");
        continue;
      }
      Section each = item.section();
      String name = each.text("name", name());
      Optional<InetSocketAddress> address =
          each.find("address")
              .flatMap(value ->
                  value.parse(ConfigurationReader::inet, "an address such as 127.0.0.1:2525"));
      boolean implicit = each.flag("implicit-tls", false);
      List<String> balancers =
          each.list("balancers", GatewayReader::network, "a network such as 192.0.2.0/24");
      if (!each.has("address")) {
        item.problem("'address' is missing");
      }
      if (listeners.stream().anyMatch(other -> other.name().equals(name))) {
        each.problem("name", "there is another listener '" + name + "'");
      }
      address.ifPresent(at -> listeners.add(new Listener(name, at, implicit, balancers)));
      Rules own = RulesReader.read(each, "rules");
      if (each.has("rules")) {
        rules.put(name, own);
      }
      each.end();
    }
  }

  /** smtp, smtp2, smtp3 and so on. */
  private String name() {
    return listeners.isEmpty() ? "smtp" : "smtp" + (listeners.size() + 1);
  }

  private static Optional<String> network(String text) {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    String bits = slash < 0 ? "0" : text.substring(slash + 1);
    int most = address.indexOf(':') >= 0 ? 128 : 32;
    boolean right =
        address.matches("[0-9A-Fa-f.:]+")
            && ConfigurationReader.inet("[" + address + "]:1").isPresent()
            && bits.matches("\\d{1,3}")
            && Integer.parseInt(bits) <= most;
    return right ? Optional.of(text) : Optional.empty();
  }

  private static Optional<Tls> tls(Section section) {
    boolean given = section.has("tls");
    Section tls = section.section("tls");
    Optional<KeyPair> fallback = pair(tls);
    Map<String, KeyPair> byName = new LinkedHashMap<>();
    for (Value item : tls.list("names")) {
      if (!item.isMapping()) {
        item.problem("'name', 'certificate' and 'key' are expected");
        continue;
      }
      Section each = item.section();
      String name = each.text("name", "").toLowerCase(Locale.ROOT);
      if (name.isEmpty()) {
        item.problem("'name' is missing");
      }
      Optional<KeyPair> pair = pair(each);
      if (pair.isEmpty()) {
        item.problem("'certificate' or 'key' is missing");
      }
      pair.ifPresent(files -> byName.put(name, files));
      each.end();
    }
    if (given && fallback.isEmpty()) {
      section.problem("tls", "'certificate' or 'key' is missing");
    }
    tls.end();
    return fallback.map(files -> new Tls(files, byName));
  }

  private static Optional<KeyPair> pair(Section section) {
    Optional<Path> certificate = section.path("certificate");
    Optional<Path> key = section.path("key");
    return certificate.isPresent() && key.isPresent()
        ? Optional.of(new KeyPair(certificate.get(), key.get()))
        : Optional.empty();
  }

  private static Limits limits(Section section) {
    Limits defaults = Limits.DEFAULT;
    Limits read =
        new Limits(
            section.integer("connections", defaults.connections(), 1, MANY),
            section.integer("per-client", defaults.perClient(), 1, MANY),
            section.integer("commands", defaults.commands(), 1, MANY),
            (int) section.octets("command-line", defaults.commandLine(), 512, 16_384),
            section.integer("recipients", defaults.recipients(), 1, MANY),
            section.integer("lmtp-recipients", defaults.lmtpRecipients(), 1, MANY),
            section.integer("errors", defaults.errors(), 1, MANY),
            section.integer("tarpit-after", defaults.tarpitAfter(), 0, MANY),
            section.time("tarpit", defaults.tarpit(), Duration.ZERO, Duration.ofMinutes(1)),
            section.octets("message-size", defaults.messageSize(), 0, 1L << 40));
    section.end();
    return read;
  }

  private static Timeouts timeouts(Section section) {
    Timeouts defaults = Timeouts.DEFAULT;
    Timeouts read =
        new Timeouts(
            section.time("command", defaults.command(), TICK, HOUR),
            section.time("data", defaults.data(), TICK, HOUR),
            section.time("connect", defaults.connect(), TICK, HOUR),
            section.time("reply", defaults.reply(), TICK, HOUR),
            section.time("end-of-data", defaults.endOfData(), TICK, HOUR),
            section.time("decision", defaults.decision(), TICK, Duration.ofMinutes(1)),
            section.time("handshake", defaults.handshake(), TICK, HOUR),
            section.time("drain", defaults.drain(), Duration.ZERO, HOUR));
    section.end();
    return read;
  }
}

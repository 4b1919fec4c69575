// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.greyprint.greylist.Exemption.Kind;

/**
 * The list entries that hold, found without looking at each. Of several that match, one that lets
 * pass without delay wins; else the most specific one, recipient before sender before client.
 * Unchangeable.
 */
final class Exemptions {
  /** Most entries that are kept. */
  static final int MOST = 100_000;

  static final Exemptions NONE = new Exemptions(List.of());

  private final Map<String, Exemption> byId = new HashMap<>();
  private final List<Integer> lengths4;
  private final List<Integer> lengths6;

  Exemptions(Collection<Exemption> all) {
    TreeSet<Integer> four = new TreeSet<>(Comparator.reverseOrder());
    TreeSet<Integer> six = new TreeSet<>(Comparator.reverseOrder());
    for (Exemption exemption : all) {
      byId.put(exemption.id(), exemption);
      if (exemption.kind() == Kind.CLIENT) {
        Net.parse(exemption.value())
            .ifPresent(net -> (net.address().length == 4 ? four : six).add(net.bits()));
      }
    }
    lengths4 = List.copyOf(four);
    lengths6 = List.copyOf(six);
  }

  List<Exemption> list() {
    return byId.values().stream().sorted(Comparator.comparing(Exemption::id)).toList();
  }

  int size() {
    return byId.size();
  }

  Optional<Exemption> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** The entry that holds for an attempt. */
  Optional<Exemption> match(Attempt attempt, boolean spfPasses, Instant now) {
    if (byId.isEmpty()) {
      return Optional.empty();
    }
    Search search = new Search(now);
    String recipient = Mailboxes.plain(attempt.recipient());
    search.look(Kind.RECIPIENT, recipient);
    search.look(Kind.RECIPIENT, Mailboxes.withoutExtension(recipient));
    search.below(Kind.RECIPIENT_DOMAIN, Mailboxes.domain(recipient));
    if (spfPasses && !attempt.sender().isBlank()) {
      String sender = Mailboxes.plain(attempt.sender());
      search.look(Kind.SENDER, sender);
      search.look(Kind.SENDER, Mailboxes.withoutExtension(sender));
      search.below(Kind.SENDER_DOMAIN, Mailboxes.domain(sender));
    }
    InetAddress client = attempt.client();
    for (int bits : client.getAddress().length == 4 ? lengths4 : lengths6) {
      search.look(Kind.CLIENT, Net.around(client, bits).text());
    }
    search.below(Kind.HOST, Mailboxes.host(attempt.hostName()));
    search.below(Kind.HELO, Mailboxes.host(attempt.helo()));
    return search.best();
  }

  private final class Search {
    private final Instant now;
    private Optional<Exemption> best = Optional.empty();

    Search(Instant now) {
      this.now = now;
    }

    Optional<Exemption> best() {
      return best;
    }

    void look(Kind kind, String value) {
      if (best.isPresent() && best.get().delay().isZero()) {
        return;
      }
      Exemption found = byId.get(kind.word() + ":" + value);
      if (found != null && holds(found, now) && (best.isEmpty() || found.delay().isZero())) {
        best = Optional.of(found);
      }
    }

    /** A name, then with a leading dot each domain above it. */
    void below(Kind kind, String name) {
      if (name.isEmpty()) {
        return;
      }
      look(kind, name);
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        look(kind, name.substring(dot));
      }
    }
  }

  static boolean holds(Exemption exemption, Instant now) {
    return exemption.expires().isEmpty() || now.isBefore(exemption.expires().get());
  }

  /**
   * An entry with its value in the form that is compared.
   *
   * @throws IllegalArgumentException if the value is none of its kind
   */
  static Exemption normal(Exemption given) {
    String value =
        switch (given.kind()) {
          case RECIPIENT, SENDER -> address(given);
          case RECIPIENT_DOMAIN, SENDER_DOMAIN -> name(given, given.value().replaceFirst("^@", ""));
          case HELO, HOST -> name(given, given.value());
          case CLIENT ->
              Net.parse(given.value().strip())
                  .orElseThrow(() -> wrong(given, "an address or a network such as 192.0.2.0/24"))
                  .text();
        };
    if (given.delay().isNegative() || given.delay().compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("a delay is 0 s to 1 day, not " + given.delay());
    }
    return new Exemption(
        given.kind(),
        value,
        given.delay(),
        given.by(),
        given.made(),
        given.reason(),
        given.expires());
  }

  private static String address(Exemption given) {
    String plain = Mailboxes.plain(given.value());
    int at = plain.lastIndexOf('@');
    if (at <= 0 || at == plain.length() - 1) {
      throw wrong(given, "an address such as user@example.org");
    }
    return plain;
  }

  private static String name(Exemption given, String value) {
    String name = Mailboxes.host(value);
    if (!name.matches("\\.?[^\\s@.]+(\\.[^\\s@.]+)*")) {
      throw wrong(given, "a name such as example.org, or .example.org for all below it");
    }
    return name;
  }

  private static IllegalArgumentException wrong(Exemption given, String wanted) {
    return new IllegalArgumentException(
        "'" + given.value() + "' is no " + given.kind().word() + ": give " + wanted);
  }

  static byte[] bytes(Exemption exemption) {
    Output out = new Output();
    out.octet(1).text(exemption.kind().word()).text(exemption.value());
    out.varint(exemption.delay().toMillis()).text(exemption.by()).time(exemption.made());
    out.text(exemption.reason()).octet(exemption.expires().isPresent() ? 1 : 0);
    exemption.expires().ifPresent(out::time);
    return out.bytes();
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws Input.Malformed if it is something else
   */
  static Exemption read(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.octet() != 1) {
      throw new Input.Malformed("unknown version");
    }
    String word = in.text();
    Kind kind =
        java.util.Arrays.stream(Kind.values())
            .filter(each -> each.word().equals(word))
            .findFirst()
            .orElseThrow(() -> new Input.Malformed("unknown kind"));
    String value = in.text();
    Duration delay = Duration.ofMillis(in.count());
    String by = in.text();
    Instant made = in.time();
    String reason = in.text();
    Optional<Instant> expires = in.octet() == 0 ? Optional.empty() : Optional.of(in.time());
    in.end();
    return new Exemption(kind, value, delay, by, made, reason, expires);
  }
}

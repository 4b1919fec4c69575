// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.greyprint.decision.FieldType.BOOL;
import static org.greyprint.decision.FieldType.DOUBLE;
import static org.greyprint.decision.FieldType.INT;
import static org.greyprint.decision.FieldType.STRING;
import static org.greyprint.decision.FieldType.STRINGS;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Every field that rules see; docs/rules.md lists them, and a test holds it to that. */
final class Fields {
  private final Map<String, Field> byName = new LinkedHashMap<>();
  private final List<Field> client;
  private final List<Field> os;
  private final List<Field> message;
  private final List<Field> dns;
  private final List<Field> points;
  private final List<Field> ofFaces;
  private final Object[] unseen;
  private final Object[] silence;

  /**
   * The built-in fields and those of the faces.
   *
   * @param extra fields that faces give in {@link Inquiry#extra}, by their name in rules
   */
  Fields(Map<String, FieldType> extra) {
    client = added(this::addClient);
    os = added(this::addOs);
    message =
        added(() -> {
          addSession();
          addEnvelope();
        });
    dns = added(this::addDns);
    points = added(() -> add("points", DOUBLE, Facts::points));
    ofFaces =
        added(
            () -> extra.forEach((name, type) -> add(name, type, facts -> facts.extra(name, type))));
    Facts nobody = nobody();
    unseen = kept(os, field -> field.reader().apply(nobody));
    silence = kept(ofFaces, field -> FaceFields.absent(field.name(), field.type()));
  }

  /** The fields that this adds. */
  private List<Field> added(Runnable adding) {
    int before = byName.size();
    adding.run();
    return List.copyOf(byName.values()).subList(before, byName.size());
  }

  /** What is kept of fields whose values are always the same: name, value, name, value. */
  private static Object[] kept(List<Field> fields, Function<Field, Object> value) {
    List<Object> kept = new ArrayList<>();
    for (Field field : fields) {
      Object its = value.apply(field);
      if (!Facts.empty(its)) {
        kept.add(field.name());
        kept.add(its);
      }
    }
    return kept.toArray();
  }

  /** What is known of a client whose SYN was not seen, and nothing else. */
  private Facts nobody() {
    Inquiry inquiry =
        new Inquiry(
            Instant.EPOCH,
            new Inquiry.Client(InetAddress.getLoopbackAddress(), 0, "", ""),
            new Inquiry.Session("", "", 0, "", "", ""),
            new Inquiry.Envelope("", "", "", 0),
            Optional.empty(),
            Map.of());
    return new Facts(inquiry, new DnsFacts(need -> EvidenceSource.NONE.ask(need, inquiry)), this);
  }

  /** The fields of the client. */
  List<Field> client() {
    return client;
  }

  /** Those of the fingerprint, behind them. */
  List<Field> os() {
    return os;
  }

  /** What is kept of {@link #os} where no SYN was seen: name, value, name, value. */
  Object[] unseen() {
    return unseen;
  }

  /** Those of session and envelope, behind them. */
  List<Field> message() {
    return message;
  }

  /** Those of DNS, behind them. */
  List<Field> dns() {
    return dns;
  }

  /** The points, behind them. */
  List<Field> points() {
    return points;
  }

  /** The fields that faces give, behind all others. */
  List<Field> ofFaces() {
    return ofFaces;
  }

  /** What is kept of {@link #ofFaces} where a face says nothing: name, value, name, value. */
  Object[] silence() {
    return silence;
  }

  Optional<Field> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Collection<Field> all() {
    return byName.values();
  }

  private void addClient() {
    add("client.address", STRING, facts -> facts.address());
    add("client.port", INT, facts -> (long) facts.client().port());
    add("client.name", STRING, facts -> facts.client().name());
    add("client.reverse_name", STRING, facts -> facts.client().reverseName());
    add("client.loopback", BOOL, facts -> facts.client().loopback());
    add("client.private", BOOL, facts -> Addresses.isPrivate(facts.client().address()));
    add("client.ipv6", BOOL, facts -> facts.client().address() instanceof java.net.Inet6Address);
  }

  private void addOs() {
    add("os.known", BOOL, facts -> !facts.os().name().isEmpty());
    add("os.family", STRING, facts -> facts.os().family());
    add("os.name", STRING, facts -> facts.os().name());
    add("os.flavor", STRING, facts -> facts.os().flavor());
    add("os.label", STRING, facts -> facts.os().label());
    add("os.role", STRING, facts -> facts.os().role().word());
    add("os.quality", STRING, facts -> facts.os().quality().word());
    add("os.confidence", DOUBLE, facts -> facts.os().confidence());
    add("os.seen", BOOL, facts -> facts.inquiry().fingerprint().isPresent());
    add("os.distance", INT, facts -> facts.print(f -> (long) f.distance(), -1L));
    add("os.link", STRING, facts -> facts.print(f -> f.link(), ""));
    add("os.mtu", INT, facts -> facts.print(f -> (long) f.mtu(), 0L));
    add("os.signature", STRING, facts -> facts.print(f -> f.signature(), ""));
  }

  private void addSession() {
    add("session.face", STRING, facts -> facts.session().face());
    add("session.server_port", INT, facts -> (long) facts.session().serverPort());
    add("session.helo", STRING, facts -> facts.session().helo());
    add("session.helo_kind", STRING, facts -> HostNames.kind(facts.session().helo()));
    add("session.login", STRING, facts -> facts.session().login());
    add("session.authenticated", BOOL, facts -> facts.session().authenticated());
    add("session.tls", STRING, facts -> facts.session().tls());
  }

  private void addEnvelope() {
    add("envelope.sender", STRING, facts -> facts.envelope().sender());
    add("envelope.sender_domain", STRING, facts -> HostNames.domain(facts.envelope().sender()));
    add("envelope.null_sender", BOOL, facts -> facts.envelope().sender().isEmpty());
    add("envelope.recipient", STRING, facts -> facts.envelope().recipient());
    add(
        "envelope.recipient_domain",
        STRING,
        facts -> HostNames.domain(facts.envelope().recipient()));
    add("envelope.size", INT, facts -> facts.envelope().size());
  }

  private void addDns() {
    Set<Need> reverse = Set.of(Need.REVERSE);
    Set<Need> names = Set.of(Need.REVERSE, Need.HELO);
    Set<Need> lists = Set.of(Need.LISTS);
    Set<Need> spf = Set.of(Need.SPF);
    explicit("dns.known", names, facts -> facts.reverse().known() && facts.helo().known());
    explicit("dns.reverse_known", reverse, facts -> facts.reverse().known());
    asked("dns.name", STRING, reverse, facts -> facts.reverse().name());
    asked("dns.names", STRINGS, reverse, facts -> facts.reverse().names());
    asked("dns.confirmed", BOOL, reverse, facts -> !facts.reverse().confirmed().isEmpty());
    asked("dns.generic", BOOL, reverse, facts -> facts.reverse().generic());
    asked("dns.dynamic", BOOL, reverse, facts -> facts.reverse().dynamic());
    explicit("dns.helo_known", Set.of(Need.HELO), facts -> facts.helo().known());
    asked("dns.helo_resolves", BOOL, Set.of(Need.HELO), facts -> facts.helo().resolves());
    asked("dns.helo_matches", BOOL, Set.of(Need.HELO), facts -> facts.helo().matches());
    asked("dns.mail_server", BOOL, names, Facts::mailServer);
    explicit("dns.spf_known", spf, facts -> facts.spf().known());
    asked("dns.spf", STRING, spf, facts -> facts.spf().result().word());
    explicit("dns.lists_known", lists, facts -> facts.lists().known());
    asked("dns.block", DOUBLE, lists, facts -> facts.lists().block());
    asked("dns.allow", DOUBLE, lists, facts -> facts.lists().allow());
    asked("dns.lists", STRINGS, lists, facts -> facts.lists().names());
    asked("dns.codes", STRINGS, lists, facts -> facts.lists().codes());
  }

  private void add(String name, FieldType type, Function<Facts, Object> reader) {
    byName.put(name, new Field(name, type, Set.of(), false, reader));
  }

  private void explicit(String name, Set<Need> needs, Function<Facts, Object> reader) {
    byName.put(name, new Field(name, BOOL, needs, true, reader));
  }

  private void asked(String name, FieldType type, Set<Need> needs, Function<Facts, Object> reader) {
    byName.put(name, new Field(name, type, needs, false, reader));
  }
}

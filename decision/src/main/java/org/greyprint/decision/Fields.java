// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.greyprint.decision.FieldType.BOOL;
import static org.greyprint.decision.FieldType.DOUBLE;
import static org.greyprint.decision.FieldType.INT;
import static org.greyprint.decision.FieldType.STRING;
import static org.greyprint.decision.FieldType.STRINGS;

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
  private final List<Field> common;
  private final List<Field> ofFaces;
  private final List<Object> silence = new ArrayList<>();

  /**
   * The built-in fields and those of the faces.
   *
   * @param extra fields that faces give in {@link Inquiry#extra}, by their name in rules
   */
  Fields(Map<String, FieldType> extra) {
    client();
    os();
    session();
    envelope();
    dns();
    add("points", DOUBLE, Facts::points);
    common = List.copyOf(byName.values());
    extra.forEach((name, type) -> add(name, type, facts -> facts.extra(name, type)));
    ofFaces = List.copyOf(byName.values()).subList(common.size(), byName.size());
    for (Field field : ofFaces) {
      Object value = FaceFields.absent(field.name(), field.type());
      if (!Facts.empty(value)) {
        silence.add(field.name());
        silence.add(value);
      }
    }
  }

  /** The fields that do not hang on the face, in their order. */
  List<Field> common() {
    return common;
  }

  /** The fields that faces give, behind the others. */
  List<Field> ofFaces() {
    return ofFaces;
  }

  /** What is kept of {@link #ofFaces} where a face says nothing: name, value, name, value. */
  List<Object> silence() {
    return silence;
  }

  Optional<Field> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Collection<Field> all() {
    return byName.values();
  }

  private void client() {
    add("client.address", STRING, facts -> facts.address());
    add("client.port", INT, facts -> (long) facts.client().port());
    add("client.name", STRING, facts -> facts.client().name());
    add("client.reverse_name", STRING, facts -> facts.client().reverseName());
    add("client.loopback", BOOL, facts -> facts.client().loopback());
    add("client.private", BOOL, facts -> Addresses.isPrivate(facts.client().address()));
    add("client.ipv6", BOOL, facts -> facts.client().address() instanceof java.net.Inet6Address);
  }

  private void os() {
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

  private void session() {
    add("session.face", STRING, facts -> facts.session().face());
    add("session.server_port", INT, facts -> (long) facts.session().serverPort());
    add("session.helo", STRING, facts -> facts.session().helo());
    add("session.helo_kind", STRING, facts -> HostNames.kind(facts.session().helo()));
    add("session.login", STRING, facts -> facts.session().login());
    add("session.authenticated", BOOL, facts -> facts.session().authenticated());
    add("session.tls", STRING, facts -> facts.session().tls());
  }

  private void envelope() {
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

  private void dns() {
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

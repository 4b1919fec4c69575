// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.greyprint.capture.ClientHistory;
import org.greyprint.capture.Observation;
import org.greyprint.greylist.Answer;
import org.greyprint.greylist.ClientState;
import org.greyprint.greylist.Correspondent;
import org.greyprint.greylist.Exemption;
import org.greyprint.greylist.Explanation;
import org.greyprint.greylist.Triplet;
import org.greyprint.journal.Entry;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the interface says, as JSON; times are in ISO 8601, spans of time in seconds. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** As UTF-8. */
  public static byte[] bytes(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }

  /** Reads an object; empty if it is none. */
  static Optional<JsonNode> object(byte[] text) {
    try {
      JsonNode node = MAPPER.readTree(text);
      return node != null && node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads an object as maps, lists, strings, numbers and booleans.
   *
   * @return empty if it is none
   */
  @SuppressWarnings("unchecked")
  public static Optional<Map<String, Object>> map(byte[] text) {
    return object(text).map(node -> (Map<String, Object>) MAPPER.treeToValue(node, Map.class));
  }

  /** An object whose empty values are left out. */
  public static Map<String, Object> of(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      Object value = keysAndValues[i + 1];
      Object plain = value instanceof Optional<?> optional ? optional.orElse(null) : value;
      if (plain != null) {
        map.put((String) keysAndValues[i], plain);
      }
    }
    return map;
  }

  /** A triplet. */
  public static Map<String, Object> triplet(Triplet triplet) {
    return of(
        "origin",
        triplet.origin(),
        "domain",
        triplet.domain(),
        "pool",
        triplet.pool(),
        "client",
        triplet.client().getHostAddress(),
        "sender",
        triplet.sender(),
        "recipient",
        triplet.recipient(),
        "state",
        word(triplet.state()),
        "first",
        triplet.first().toString(),
        "last",
        triplet.last().toString(),
        "tries",
        triplet.tries(),
        "passes",
        triplet.passes(),
        "due",
        triplet.due().toString(),
        "expires",
        triplet.expires().toString(),
        "observed",
        triplet.observed(),
        "releasedBy",
        triplet.releasedBy());
  }

  /** An exception. */
  public static Map<String, Object> exemption(Exemption exemption) {
    return of(
        "id",
        exemption.id(),
        "kind",
        exemption.kind().word(),
        "value",
        exemption.value(),
        "delay",
        exemption.delay().toSeconds(),
        "by",
        exemption.by(),
        "made",
        exemption.made().toString(),
        "reason",
        exemption.reason(),
        "expires",
        exemption.expires().map(Object::toString));
  }

  /** A network or domain. */
  public static Map<String, Object> client(ClientState state) {
    return of(
        "name",
        state.name(),
        "deliveries",
        state.deliveries(),
        "last",
        state.last().toString(),
        "provenUntil",
        state.provenUntil().map(Object::toString),
        "networks",
        state.networks());
  }

  /** Someone whom we wrote to. */
  public static Map<String, Object> correspondent(Correspondent correspondent) {
    return of(
        "user",
        correspondent.user(),
        "other",
        correspondent.other(),
        "last",
        correspondent.last().toString(),
        "expires",
        correspondent.expires().toString());
  }

  /** What the greylist knows and would answer. */
  public static Map<String, Object> explanation(Explanation explanation) {
    return of(
        "answer",
        answer(explanation.answer()),
        "sender",
        explanation.sender(),
        "recipient",
        explanation.recipient(),
        "origins",
        explanation.origins(),
        "triplets",
        explanation.triplets().stream().map(Json::triplet).toList(),
        "clients",
        explanation.clients().stream().map(Json::client).toList(),
        "exception",
        explanation.exemption().map(Json::exemption),
        "correspondent",
        explanation.correspondent().map(Json::correspondent));
  }

  private static Map<String, Object> answer(Answer answer) {
    return switch (answer) {
      case Answer.Passed passed ->
          of(
              "verdict",
              "pass",
              "why",
              passed.why().word(),
              "waited",
              passed.waited().toSeconds(),
              "tries",
              passed.tries(),
              "by",
              passed.by());
      case Answer.Deferred deferred ->
          of(
              "verdict",
              "defer",
              "why",
              deferred.why().word(),
              "retryAfter",
              deferred.retryAfter().plusNanos(999_999_999).toSeconds(),
              "tries",
              deferred.tries());
      case Answer.Failed failed -> of("verdict", "failed", "why", failed.reason());
    };
  }

  static Map<String, Object> entry(Entry entry) {
    return of(
        "id",
        entry.id(),
        "time",
        entry.time().toString(),
        "client",
        entry.client().getHostAddress(),
        "clientPort",
        entry.port(),
        "verdict",
        entry.verdict(),
        "intended",
        entry.intended(),
        "retryAfter",
        entry.retryAfter().toSeconds(),
        "rule",
        entry.rule(),
        "reason",
        entry.reason(),
        "headers",
        entry.headers().stream().map(h -> of("name", h.name(), "value", h.value())).toList(),
        "evidence",
        entry.evidence());
  }

  static Map<String, Object> history(ClientHistory history) {
    Observation latest = history.latest();
    return of(
        "time",
        latest.time().toString(),
        "client",
        latest.client().getHostAddress(),
        "clientPort",
        latest.clientPort(),
        "label",
        latest.fingerprint().os().label(),
        "role",
        latest.fingerprint().os().role().word(),
        "quality",
        latest.fingerprint().os().quality().word(),
        "confidence",
        latest.fingerprint().os().confidence(),
        "distance",
        latest.fingerprint().distance(),
        "link",
        latest.fingerprint().link(),
        "mtu",
        latest.fingerprint().mtu(),
        "signature",
        latest.fingerprint().signature(),
        "hosts",
        latest.hosts(),
        "uptime",
        latest.uptime().map(java.time.Duration::toSeconds),
        "firstSeen",
        history.firstSeen().toString(),
        "connections",
        history.connections());
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static List<String> words(Enum<?>[] values) {
    return java.util.Arrays.stream(values).map(Json::word).toList();
  }
}

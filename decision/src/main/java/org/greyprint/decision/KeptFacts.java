// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelVariableResolver;
import java.util.Map;
import java.util.Optional;

/** Evidence that was kept with a decision, as rules see it. */
final class KeptFacts implements CelVariableResolver {
  private final Map<String, Object> evidence;
  private final Fields fields;
  private boolean unknown;

  KeptFacts(Map<String, Object> evidence, Fields fields) {
    this.evidence = evidence;
    this.fields = fields;
  }

  @Override
  public Optional<Object> find(String name) {
    if (name.equals(Rules.EXTRA)) {
      return Optional.of(evidence);
    }
    return fields.find(name).map(this::value);
  }

  private Object value(Field field) {
    if (!field.explicit() && !field.needs().stream().allMatch(this::known)) {
      unknown = true;
      throw Facts.Missing.SIGNAL;
    }
    Object value = evidence.get(field.name());
    return value != null && field.type().holds(value)
        ? value
        : FaceFields.absent(field.name(), field.type());
  }

  private boolean known(Need need) {
    String key =
        switch (need) {
          case REVERSE -> "dns.reverse_known";
          case HELO -> "dns.helo_known";
          case SPF -> "dns.spf_known";
          case LISTS -> "dns.lists_known";
        };
    return Boolean.TRUE.equals(evidence.get(key));
  }

  /** One of the words of {@link Rules.Trial}. */
  String ask(Rule rule) {
    try {
      return Boolean.TRUE.equals(rule.condition().eval(this))
          ? Rules.Trial.MATCHES
          : Rules.Trial.DIFFERS;
    } catch (CelEvaluationException | RuntimeException e) {
      return unknown ? Rules.Trial.UNKNOWN : Rules.Trial.FAILS;
    }
  }
}

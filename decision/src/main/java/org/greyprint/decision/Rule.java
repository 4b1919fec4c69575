// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.runtime.CelEvaluationException;
import java.util.Set;

/**
 * A rule that is ready to be asked.
 *
 * @param definition as it was written
 * @param condition when it matches
 * @param action what it does
 * @param needs what its condition may ask of DNS
 */
record Rule(RuleDefinition definition, Condition condition, Action action, Set<Need> needs) {
  /** Whether a rule matches. */
  sealed interface Match {
    /** It does. */
    record Yes() implements Match {}

    /** It does not. */
    record No() implements Match {}

    /** That hangs on what DNS has not answered yet. */
    record Wait() implements Match {}

    /** That hangs on what DNS did not answer. */
    record Unknown() implements Match {}

    /** The condition failed, e.g. by a division by zero. */
    record Broken(String why) implements Match {}
  }

  private static final Match YES = new Match.Yes();
  private static final Match NO = new Match.No();
  private static final Match WAIT = new Match.Wait();
  private static final Match UNKNOWN = new Match.Unknown();

  String name() {
    return definition.name();
  }

  Match match(Facts facts) {
    facts.clear();
    try {
      return Boolean.TRUE.equals(condition.eval(facts)) ? YES : NO;
    } catch (CelEvaluationException | RuntimeException e) {
      if (!facts.awaited().isEmpty()) {
        return WAIT;
      }
      return facts.unknown() ? UNKNOWN : new Match.Broken(String.valueOf(e.getMessage()));
    }
  }
}

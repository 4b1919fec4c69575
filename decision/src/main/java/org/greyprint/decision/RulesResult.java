// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.List;

/** What compiling rules gives: {@link Rules}, or what is wrong with them. */
public sealed interface RulesResult permits Rules, RulesResult.Faulty {
  /** Some rules are wrong; every error is told, in the order of the rules. */
  record Faulty(List<RuleError> errors) implements RulesResult {}
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/**
 * What is wrong with a rule.
 *
 * @param position where
 * @param rule the rule's name
 * @param message what
 * @param hint what to do, or ""
 */
public record RuleError(Position position, String rule, String message, String hint) {
  /** One line: file:line:column, the rule, the message, the hint. */
  @Override
  public String toString() {
    return position
        + ": rule '"
        + rule
        + "': "
        + message
        + (hint.isEmpty() ? "" : " (" + hint + ")");
  }
}

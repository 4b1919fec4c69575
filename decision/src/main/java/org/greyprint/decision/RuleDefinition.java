// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A rule as it was written.
 *
 * @param name shown in logs, replies, reports; not blank and used once
 * @param when a CEL expression of type bool; "" matches always
 * @param then deliver, greylist, reject or mark
 * @param delay the delay of greylist, if not the greylist's own; only with greylist
 * @param text what a rejected sender is told, printable ASCII, at most 400 characters; only with
 *     reject
 * @param headers header fields that mark puts on the message; only with mark
 * @param points points that mark adds, from -1000 to 1000; only with mark
 * @param observe whether the rule only records what it would have done
 * @param position where {@code when}, or else the rule, begins
 */
public record RuleDefinition(
    String name,
    String when,
    String then,
    Optional<Duration> delay,
    Optional<String> text,
    Map<String, String> headers,
    double points,
    boolean observe,
    Position position) {

  /** A rule without anything but the necessary. */
  public static RuleDefinition of(String name, String when, String then) {
    return new RuleDefinition(
        name,
        when,
        then,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        0,
        false,
        Position.BUILT_IN);
  }

  /** The same rule, written elsewhere. */
  public RuleDefinition at(Position place) {
    return new RuleDefinition(name, when, then, delay, text, headers, points, observe, place);
  }

  /** The same rule with its own greylisting delay. */
  public RuleDefinition withDelay(Duration own) {
    return new RuleDefinition(
        name, when, then, Optional.of(own), text, headers, points, observe, position);
  }

  /** The same rule with the text for a rejected sender. */
  public RuleDefinition withText(String told) {
    return new RuleDefinition(
        name, when, then, delay, Optional.of(told), headers, points, observe, position);
  }

  /** The same rule with what mark adds. */
  public RuleDefinition withMark(Map<String, String> fields, double more) {
    return new RuleDefinition(name, when, then, delay, text, fields, more, observe, position);
  }

  /** The same rule, only recording. */
  public RuleDefinition observing() {
    return new RuleDefinition(name, when, then, delay, text, headers, points, true, position);
  }
}

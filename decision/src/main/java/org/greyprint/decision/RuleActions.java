// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads what a rule does. */
final class RuleActions {
  private static final List<String> WORDS = List.of("deliver", "greylist", "reject", "mark");
  private static final Pattern HEADER = Pattern.compile("[!-9;-~]{1,76}");
  private static final Pattern PRINTABLE = Pattern.compile("[ -~]*");
  private static final int LONGEST_TEXT = 400;
  private static final int LONGEST_VALUE = 900;
  private static final String DEFAULT_TEXT = "Not accepted here";

  private RuleActions() {}

  /** The action; empty if errors were added. */
  static Optional<Action> parse(RuleDefinition rule, List<RuleError> errors) {
    int before = errors.size();
    String then = rule.then();
    if (rule.name().isBlank() || rule.name().length() > 100 || control(rule.name())) {
      errors.add(error(rule, "its name is not 1 to 100 printable characters", ""));
    }
    if (!WORDS.contains(then)) {
      String near = RuleHints.nearest(then, WORDS);
      errors.add(
          error(
              rule,
              "no action '" + then + "'",
              near.isEmpty() ? "known are " + String.join(", ", WORDS) : near));
    }
    only(rule, "delay", rule.delay().isPresent(), "greylist", errors);
    only(rule, "text", rule.text().isPresent(), "reject", errors);
    only(rule, "headers", !rule.headers().isEmpty(), "mark", errors);
    only(rule, "points", rule.points() != 0, "mark", errors);
    if (rule.delay().filter(delay -> delay.isNegative() || delay.isZero()).isPresent()) {
      errors.add(error(rule, "its delay is not above zero", ""));
    }
    String text = rule.text().orElse(DEFAULT_TEXT);
    if (text.isBlank() || text.length() > LONGEST_TEXT || !PRINTABLE.matcher(text).matches()) {
      errors.add(error(rule, "its text is not 1 to 400 characters of printable ASCII", ""));
    }
    if (!(Math.abs(rule.points()) <= 1000)) {
      errors.add(error(rule, "its points are not between -1000 and 1000", ""));
    }
    List<Decision.Header> headers = headers(rule, errors);
    if (then.equals("mark") && headers.isEmpty() && rule.points() == 0) {
      errors.add(error(rule, "mark without header or points does nothing", "add one"));
    }
    if (errors.size() > before) {
      return Optional.empty();
    }
    return Optional.of(
        switch (then) {
          case "deliver" -> new Action.Deliver();
          case "greylist" -> new Action.Greylist(rule.delay());
          case "reject" -> new Action.Reject(text);
          default -> new Action.Mark(headers, rule.points());
        });
  }

  private static List<Decision.Header> headers(RuleDefinition rule, List<RuleError> errors) {
    List<Decision.Header> headers = new ArrayList<>();
    rule.headers()
        .forEach((name, value) -> {
          if (!HEADER.matcher(name).matches()) {
            errors.add(error(rule, "'" + name + "' is no name of a header field", ""));
          } else if (!PRINTABLE.matcher(value).matches() || value.length() > LONGEST_VALUE) {
            errors.add(error(rule, name + " is not at most 900 characters of printable ASCII", ""));
          }
          headers.add(new Decision.Header(name, value));
        });
    return headers;
  }

  private static void only(
      RuleDefinition rule, String key, boolean given, String action, List<RuleError> errors) {
    if (given && !rule.then().equals(action)) {
      errors.add(
          error(rule, key + " goes only with " + action, "leave it out or use then: " + action));
    }
  }

  private static boolean control(String text) {
    return text.chars().anyMatch(c -> c < ' ' || c == 127);
  }

  private static RuleError error(RuleDefinition rule, String message, String hint) {
    return RuleCompiler.error(rule, message, hint);
  }
}

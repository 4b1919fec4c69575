// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.decision.Position;
import org.greyprint.decision.RuleDefinition;
import org.greyprint.decision.RuleError;
import org.greyprint.decision.Rules;
import org.greyprint.decision.RulesResult;

/** Reads and compiles {@code rules}. */
final class RulesReader {
  private static final List<String> ACTIONS = List.of("deliver", "greylist", "reject", "mark");

  private RulesReader() {}

  /** The rules under a key; the built-in ones where it is not there, or wrong. */
  static Rules read(Section section, String key) {
    if (!section.has(key)) {
      section.list(key);
      return Rules.builtIn();
    }
    List<RuleDefinition> definitions = new ArrayList<>();
    Map<String, ScalarText> conditions = new HashMap<>();
    for (Value item : section.list(key)) {
      if (item.isMapping()) {
        rule(item, conditions).ifPresent(definitions::add);
      } else {
        item.problem("a rule with 'name', 'when' and 'then' is expected");
      }
    }
    return switch (Rules.compile(definitions)) {
      case Rules rules -> rules;
      case RulesResult.Faulty faulty -> {
        faulty.errors().forEach(error -> tell(section, error, conditions));
        yield Rules.builtIn();
      }
    };
  }

  private static Optional<RuleDefinition> rule(Value item, Map<String, ScalarText> conditions) {
    Section section = item.section();
    String name = section.text("name", "");
    Optional<ScalarText> when = section.find("when").map(Value::scalar);
    String then =
        section.parse(
            "then",
            "",
            text -> ACTIONS.contains(text) ? Optional.of(text) : Optional.empty(),
            "an action: deliver, greylist, reject or mark");
    Optional<Duration> delay = Optional.empty();
    if (section.find("delay").isPresent()) {
      delay =
          Optional.of(
              section.time(
                  "delay", Duration.ofMinutes(5), Duration.ofSeconds(1), ConfigurationReader.DAY));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    section
        .list("header", RulesReader::header, "a header field such as 'X-Name: value'")
        .forEach(header -> headers.put(header.getKey(), header.getValue()));
    RuleDefinition rule =
        new RuleDefinition(
            name,
            when.map(ScalarText::value).orElse(""),
            then,
            delay,
            section.find("text").flatMap(Value::text),
            headers,
            section.decimal("points", 0, -1000, 1000),
            section.flag("observe", false),
            when.map(ScalarText::start).orElse(item.position()));
    boolean whole = true;
    for (String needed : List.of("name", "then")) {
      if (!section.has(needed)) {
        item.problem("'" + needed + "' is missing");
        whole = false;
      }
    }
    section.end();
    when.ifPresent(text -> conditions.putIfAbsent(name, text));
    return whole && !then.isEmpty() ? Optional.of(rule) : Optional.empty();
  }

  private static Optional<Map.Entry<String, String>> header(String text) {
    int colon = text.indexOf(':');
    return colon < 1
        ? Optional.empty()
        : Optional.of(
            Map.entry(text.substring(0, colon).strip(), text.substring(colon + 1).strip()));
  }

  /** An error's place within a folded condition is turned into its place in the file. */
  private static void tell(Section section, RuleError error, Map<String, ScalarText> conditions) {
    Position place = error.position();
    ScalarText text = conditions.get(error.rule());
    if (text != null && !place.equals(text.start())) {
      int line = place.line() - text.start().line() + 1;
      int column = place.column() - text.start().column();
      if (line >= 1 && (line > 1 || column >= 0)) {
        place = text.at(line, Math.max(0, column));
      }
    }
    String hint = error.hint().isEmpty() ? "" : " (" + error.hint() + ")";
    section.problem(place, "rule '" + error.rule() + "': " + error.message() + hint);
  }
}

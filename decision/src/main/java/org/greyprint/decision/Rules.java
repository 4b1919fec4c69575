// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rules that were checked and are ready to be asked; the first that matches decides, {@code mark}
 * and observing rules go on to the next one.
 */
public final class Rules implements RulesResult {
  /** The map of evidence that only one kind of face has. */
  static final String EXTRA = "extra";

  private final List<Rule> rules;
  private final Fields fields;
  private final Set<Need> needs = EnumSet.noneOf(Need.class);

  Rules(List<Rule> rules, Fields fields) {
    this.rules = List.copyOf(rules);
    this.fields = fields;
    rules.forEach(rule -> needs.addAll(rule.needs()));
  }

  /**
   * Checks and compiles rules.
   *
   * @param definitions in their order
   */
  public static RulesResult compile(List<RuleDefinition> definitions) {
    return compile(definitions, FaceFields.ALL);
  }

  /**
   * Checks and compiles rules that may use more fields.
   *
   * @param definitions in their order
   * @param extra the fields that faces give in {@link Inquiry#extra}, e.g. session.rtt, with types
   */
  public static RulesResult compile(
      List<RuleDefinition> definitions, Map<String, FieldType> extra) {
    return new RuleCompiler(new Fields(extra)).compile(definitions);
  }

  /** The rules that hold where none are configured. */
  public static List<RuleDefinition> defaults() {
    return List.of(
        RuleDefinition.of("own users", DefaultConditions.OWN_USERS, "deliver"),
        RuleDefinition.of("Windows PC", DefaultConditions.WINDOWS_PC, "greylist"),
        RuleDefinition.of("everyone else", "", "deliver"));
  }

  /** The default rules, compiled. */
  public static Rules builtIn() {
    return switch (compile(defaults())) {
      case Rules rules -> rules;
      case RulesResult.Faulty faulty -> throw new IllegalStateException(faulty.toString());
    };
  }

  /** The rules as they were written. */
  public List<RuleDefinition> definitions() {
    return rules.stream().map(Rule::definition).toList();
  }

  /** The fields that rules may use, with their types, in the order of the documentation. */
  public Map<String, String> fieldTypes() {
    Map<String, String> types = new java.util.LinkedHashMap<>();
    fields.all().forEach(field -> types.put(field.name(), field.type().word()));
    return Collections.unmodifiableMap(types);
  }

  /** Whether any rule asks DNS. */
  public boolean usesDns() {
    return !needs.isEmpty();
  }

  /**
   * Asks the rules about evidence that was kept, as {@link Decision#evidence} tells it.
   *
   * @return for each rule, up to the one that decides, what it said
   */
  public List<Trial> trial(Map<String, Object> evidence) {
    List<Trial> trials = new ArrayList<>();
    for (Rule rule : rules) {
      KeptFacts facts = new KeptFacts(evidence, fields);
      String said = facts.ask(rule);
      boolean decides =
          said.equals(Trial.MATCHES)
              || said.equals(Trial.UNKNOWN) && rule.action() instanceof Action.Deliver;
      boolean ends =
          decides && !rule.definition().observe() && !(rule.action() instanceof Action.Mark);
      trials.add(new Trial(rule.definition(), said, ends));
      if (ends) {
        break;
      }
    }
    return trials;
  }

  /**
   * What a rule said of kept evidence.
   *
   * @param rule the rule
   * @param said one of "matches", "does not match", "hangs on evidence that is not known", "fails"
   * @param decides whether this is the rule that decides
   */
  public record Trial(RuleDefinition rule, String said, boolean decides) {
    static final String MATCHES = "matches";
    static final String DIFFERS = "does not match";
    static final String UNKNOWN = "hangs on evidence that is not known";
    static final String FAILS = "fails";
  }

  List<Rule> list() {
    return rules;
  }

  Fields fields() {
    return fields;
  }

  Set<Need> needs() {
    return needs;
  }
}

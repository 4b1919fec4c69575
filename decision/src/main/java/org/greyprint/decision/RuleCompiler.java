// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks rules and makes them ready. */
final class RuleCompiler {
  private static final int LONGEST_CONDITION = 16_384;

  private final Fields fields;
  private final boolean defaults;
  private @Nullable Cel cel;

  RuleCompiler(Fields fields) {
    this(fields, true);
  }

  /**
   * A compiler for rules over these fields.
   *
   * @param defaults whether the default rules' conditions need no CEL
   */
  RuleCompiler(Fields fields, boolean defaults) {
    this.fields = fields;
    this.defaults = defaults;
  }

  /** Made when it is first needed. */
  private Cel cel() {
    Cel made = cel;
    if (made == null) {
      made = make();
      cel = made;
    }
    return made;
  }

  private Cel make() {
    CelBuilder builder =
        CelFactory.plannerCelBuilder()
            .setResultType(SimpleType.BOOL)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar(Rules.EXTRA, MapType.create(SimpleType.STRING, SimpleType.DYN));
    fields.all().forEach(field -> builder.addVar(field.name(), field.type().cel()));
    function(builder, "within", RuleFunctions::within);
    function(builder, "under", RuleFunctions::under);
    return builder.build();
  }

  private static void function(
      CelBuilder builder, String name, CelFunctionOverload.Binary<String, String> body) {
    String id = "string_" + name;
    builder
        .addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                name,
                CelOverloadDecl.newMemberOverload(
                    id, SimpleType.BOOL, SimpleType.STRING, SimpleType.STRING)))
        .addFunctionBindings(
            CelFunctionBinding.fromOverloads(
                name, CelFunctionBinding.from(id, String.class, String.class, body)));
  }

  RulesResult compile(List<RuleDefinition> definitions) {
    List<RuleError> errors = new ArrayList<>();
    List<Rule> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (RuleDefinition definition : definitions) {
      List<RuleError> own = new ArrayList<>();
      if (!names.add(definition.name())) {
        own.add(error(definition, "another rule has this name", "give each its own"));
      }
      Optional<Action> action = RuleActions.parse(definition, own);
      Condition known = defaults ? DefaultConditions.ALL.get(definition.when()) : null;
      if (known != null) {
        action.ifPresent(does -> rules.add(new Rule(definition, known, does, Set.of())));
      } else {
        Optional<CelAbstractSyntaxTree> tree = check(definition, own);
        if (own.isEmpty() && action.isPresent() && tree.isPresent()) {
          rules.add(rule(definition, tree.get(), action.get()));
        }
      }
      errors.addAll(own);
    }
    return errors.isEmpty() ? new Rules(rules, fields) : new RulesResult.Faulty(errors);
  }

  static RuleError error(RuleDefinition definition, String message, String hint) {
    return new RuleError(definition.position(), definition.name(), message, hint);
  }

  private Optional<CelAbstractSyntaxTree> check(RuleDefinition definition, List<RuleError> errors) {
    String when = definition.when().isBlank() ? "true" : definition.when();
    if (when.length() > LONGEST_CONDITION) {
      errors.add(error(definition, "longer than " + LONGEST_CONDITION + " characters", "split it"));
      return Optional.empty();
    }
    CelValidationResult result = cel().compile(when);
    if (result.hasError()) {
      // The first error is the one to mend; what follows it is mostly its echo.
      CelIssue issue = result.getErrors().getFirst();
      errors.add(explain(definition, when, issue));
      return Optional.empty();
    }
    try {
      CelAbstractSyntaxTree tree = result.getAst();
      constants(definition, tree, errors);
      return Optional.of(tree);
    } catch (CelValidationException e) {
      errors.add(error(definition, String.valueOf(e.getMessage()), ""));
      return Optional.empty();
    }
  }

  private RuleError explain(RuleDefinition definition, String when, CelIssue issue) {
    int line = Math.max(1, issue.getSourceLocation().getLine());
    int column = Math.max(0, issue.getSourceLocation().getColumn());
    Position place = definition.position().within(line, column);
    String message = issue.getMessage();
    String hint = "";
    String rest = RuleHints.rest(when, line, column);
    if (message.startsWith("undeclared reference to")) {
      String name = RuleHints.undeclared(message, rest);
      message = "no field or function '" + name + "'";
      hint = RuleHints.nearest(name, fields);
    } else if (message.startsWith("token recognition error")
        && (rest.startsWith("'") || rest.startsWith("\""))) {
      message = "a string is not closed";
      hint = "add the missing " + rest.charAt(0);
    } else if (message.startsWith("expected type 'bool'")) {
      place = definition.position();
      message = "the condition is no bool: " + message;
      hint = "compare it with something";
    } else if (message.contains("no matching overload")) {
      message = RuleHints.overload(message);
      hint = RuleHints.types(when, fields);
    } else if (rest.startsWith("=") && !rest.startsWith("==")) {
      message = "'=' is no operator";
      hint = "compare with ==";
    } else if (message.contains("expecting {")) {
      message = message.substring(0, message.indexOf(" expecting {"));
      hint = rest.isBlank() ? "something is missing at the end" : "";
    }
    return new RuleError(place, definition.name(), message, hint);
  }

  /** Checks patterns and networks that are written out, so that they cannot fail later. */
  private static void constants(
      RuleDefinition definition, CelAbstractSyntaxTree tree, List<RuleError> errors) {
    CelNavigableAst.fromAst(tree)
        .getRoot()
        .allNodes()
        .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.CALL)
        .forEach(node -> {
          CelExpr.CelCall call = node.expr().call();
          int last = call.args().size() - 1;
          if (last < 0 || call.args().get(last).exprKind().getKind() != CONSTANT) {
            return;
          }
          CelExpr argument = call.args().get(last);
          if (argument.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
            return;
          }
          String wrong = RuleFunctions.wrong(call.function(), argument.constant().stringValue());
          if (!wrong.isEmpty()) {
            errors.add(
                new RuleError(place(definition, tree, argument), definition.name(), wrong, ""));
          }
        });
  }

  private static final CelExpr.ExprKind.Kind CONSTANT = CelExpr.ExprKind.Kind.CONSTANT;

  private static Position place(
      RuleDefinition definition, CelAbstractSyntaxTree tree, CelExpr expression) {
    return tree.getSource().getPositionsMap().containsKey(expression.id())
        ? tree.getSource()
            .getOffsetLocation(tree.getSource().getPositionsMap().get(expression.id()))
            .map(at -> definition.position().within(at.getLine(), at.getColumn()))
            .orElse(definition.position())
        : definition.position();
  }

  private Rule rule(RuleDefinition definition, CelAbstractSyntaxTree tree, Action action) {
    Set<Need> needs = EnumSet.noneOf(Need.class);
    tree.getReferenceMap()
        .values()
        .forEach(reference ->
            fields.find(reference.name()).ifPresent(field -> needs.addAll(field.needs())));
    try {
      CelRuntime.Program program = (CelRuntime.Program) cel().createProgram(tree);
      return new Rule(definition, program::eval, action, needs);
    } catch (CelEvaluationException e) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "checked but not runnable: %s", definition), e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips, or fails where everything is required, a test whose {@link Needs} are not met. */
final class NeedsCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Optional<Needs> needs = context.getElement().map(element -> element.getAnnotation(Needs.class));
    if (needs.isEmpty()) {
      return ConditionEvaluationResult.enabled("needs nothing");
    }
    List<String> missing = new ArrayList<>();
    for (String program : needs.get().value()) {
      if (Programs.find(program).isEmpty()) {
        missing.add("no program '" + program + "'");
      }
    }
    if (needs.get().root() && !Programs.isRoot()) {
      missing.add("not root");
    }
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("everything is here");
    }
    String reason = context.getDisplayName() + ": " + String.join(", ", missing);
    if ("1".equals(System.getenv("GREYPRINT_REQUIRE_PEERS"))) {
      throw new IllegalStateException("required here, but missing: " + reason);
    }
    System.out.println("SKIPPED " + reason);
    return ConditionEvaluationResult.disabled(reason);
  }

  static boolean executable(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }
}

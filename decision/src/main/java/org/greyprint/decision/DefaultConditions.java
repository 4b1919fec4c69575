// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.runtime.CelVariableResolver;
import java.util.Map;

/**
 * The conditions of the default rules, written out, so that a daemon without rules of its own
 * starts without loading CEL (about half of the time to its first answer). A test holds them to
 * what CEL says of the same texts.
 */
final class DefaultConditions {
  static final String OWN_USERS = "session.authenticated || client.loopback";
  static final String WINDOWS_PC = "os.family == \"Windows\" && os.role != \"server\"";

  /** By their text. */
  static final Map<String, Condition> ALL =
      Map.of(
          "",
          facts -> true,
          OWN_USERS,
          facts -> holds(facts, "session.authenticated") || holds(facts, "client.loopback"),
          WINDOWS_PC,
          facts -> is(facts, "os.family", "Windows") && !is(facts, "os.role", "server"));

  private DefaultConditions() {}

  private static boolean holds(CelVariableResolver facts, String field) {
    return is(facts, field, true);
  }

  private static boolean is(CelVariableResolver facts, String field, Object value) {
    return facts.find(field).filter(value::equals).isPresent();
  }
}

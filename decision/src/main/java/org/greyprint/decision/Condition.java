// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelVariableResolver;

/** What a rule asks of the facts. */
@FunctionalInterface
interface Condition {
  /**
   * Asks.
   *
   * @return Boolean.TRUE if it holds
   * @throws CelEvaluationException if it cannot be told, as what the facts throw
   */
  Object eval(CelVariableResolver facts) throws CelEvaluationException;
}

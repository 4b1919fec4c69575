// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/** Is told of every decision; the journal, metrics and the dashboard are such. */
@FunctionalInterface
public interface DecisionListener {
  /**
   * A decision was made. Called on the deciding thread, before the answer is sent: must return at
   * once and not throw; what it throws is counted and logged once.
   */
  void decided(Inquiry inquiry, Decision decision);
}

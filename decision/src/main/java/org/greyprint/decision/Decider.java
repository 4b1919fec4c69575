// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.concurrent.CompletionStage;

/** The one question that every face asks. */
public interface Decider {
  /**
   * Decides on one recipient. Never fails: what goes wrong inside is counted and the answer is
   * deliver. A deferral or a pass of the greylist is durable when the stage completes. May complete
   * on any thread; callers must not block in what they attach.
   */
  CompletionStage<Decision> decide(Inquiry inquiry);

  /**
   * Tells that a client connected, so that evidence (DNS) can be gathered before the first
   * recipient. Optional; returns at once.
   */
  default void connected(Inquiry.Client client, Inquiry.Session session) {}
}

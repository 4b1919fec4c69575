// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.concurrent.Executor;
import org.greyprint.greylist.AnswerBatch;

/** How a face goes on with a decision on a thread of its own. */
public final class Continuations {
  private Continuations() {}

  /**
   * Has a task run by an executor. Where a store has answered many at once, what follows them is
   * handed over together, at the end of the batch.
   */
  public static void execute(Executor executor, Runnable task) {
    AnswerBatch.execute(executor, task);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what follows many answers over to other threads at once. A store answers a whole batch in a
 * row; were the thread that goes on with it woken by the first of them, it would take the processor
 * from the others, go to sleep again, and be woken for each.
 */
public final class AnswerBatch {
  private static final ThreadLocal<@Nullable Map<Executor, List<Runnable>>> GATHERED =
      new ThreadLocal<>();

  private static final Logger LOG = LoggerFactory.getLogger(AnswerBatch.class);

  private AnswerBatch() {}

  /** Has a task run by an executor: at the end of the batch if one is being answered, else now. */
  public static void execute(Executor executor, Runnable task) {
    Map<Executor, List<Runnable>> gathered = GATHERED.get();
    if (gathered == null) {
      executor.execute(task);
    } else {
      gathered.computeIfAbsent(executor, any -> new ArrayList<>()).add(task);
    }
  }

  private static void handOver(Executor executor, List<Runnable> tasks) {
    try {
      executor.execute(() -> tasks.forEach(AnswerBatch::run));
    } catch (RejectedExecutionException e) {
      LOG.debug("nobody is there any more to go on with {} answers", tasks.size(), e);
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("an answer could not be passed on", e);
    }
  }

  /** Answers a batch. What it has executed meanwhile is handed over whatever happens. */
  static void answering(Runnable batch) {
    Map<Executor, List<Runnable>> gathered = new LinkedHashMap<>();
    GATHERED.set(gathered);
    try {
      batch.run();
    } finally {
      GATHERED.remove();
      gathered.forEach(AnswerBatch::handOver);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A change that waits for the writer. */
final class StoreJob<T> {
  final Function<Store.Transaction, T> change;
  final CompletableFuture<T> promise = new CompletableFuture<>();
  private @Nullable T result;

  StoreJob(Function<Store.Transaction, T> change) {
    this.change = change;
  }

  /** Runs the change; false if it failed, and then its promise has failed. */
  boolean run(StoreBatch batch) throws IOException {
    try {
      result = change.apply(batch);
      return true;
    } catch (StoreBatch.Unusable e) {
      throw e.why;
    } catch (RuntimeException e) {
      promise.completeExceptionally(e);
      return false;
    }
  }

  @SuppressWarnings("NullAway") // a change may give null, as for CompletionStage<Void>
  void done() {
    promise.complete(result);
  }
}

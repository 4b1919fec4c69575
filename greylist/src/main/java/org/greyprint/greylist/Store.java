// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Keeps the greylist's records: values under names, in four spaces, each with the time from which
 * it may be dropped. It knows nothing of what the values mean.
 *
 * <p>A change is a function that reads and writes a few records. It runs alone as far as the
 * records it touches go, and must have no other effect, because a store may run it more than once.
 * Its stage completes after what it wrote is durable: on a disk, or by the rules of the database.
 *
 * <p>A stage fails with an {@link IOException} while the store cannot be used. A store comes back
 * by itself when what hindered it is gone. Safe for any thread.
 */
public interface Store extends AutoCloseable {
  /** A store that is gone with the process: for trials and tests. */
  static Store inMemory() {
    return new MemoryStore();
  }

  /** Kinds of records. */
  enum Space {
    TRIPLET,
    CLIENT,
    CORRESPONDENT,
    EXEMPTION
  }

  /**
   * A value.
   *
   * @param bytes what was stored; not to be changed
   * @param expires from when on it may be dropped, in whole seconds
   */
  record Value(byte[] bytes, Instant expires) {}

  /** What is to be written under a name, or removed. */
  record Change(Space space, String name, Optional<Value> value) {}

  /** A record with its name. */
  record Named(String name, Value value) {}

  /** What can be read; also what has expired but is not yet dropped. */
  interface View {
    /** The value of that name. */
    Optional<Value> get(Space space, String name);
  }

  /** What can be read and written; reads see what was written before. */
  interface Transaction extends View {
    /** Writes a value. */
    void put(Space space, String name, Value value);

    /** Removes a value if there is one. */
    void remove(Space space, String name);

    /** Makes changes in their order. */
    default void make(List<Change> changes) {
      for (Change change : changes) {
        Value value = change.value().orElse(null);
        if (value == null) {
          remove(change.space(), change.name());
        } else {
          put(change.space(), change.name(), value);
        }
      }
    }
  }

  /**
   * What one step of the background work came to.
   *
   * @param examined how many records were looked at
   * @param removed how many of them were dropped
   * @param round whether the step reached the end, and the next one begins anew
   */
  record Swept(int examined, int removed, boolean round) {}

  /** Reads a few records. */
  <T> CompletionStage<T> read(Function<View, T> reader);

  /** Changes a few records; complete when that is durable. */
  <T> CompletionStage<T> update(Function<Transaction, T> change);

  /**
   * Reads a few records, and writes what comes of that. Complete when that is durable, or at once
   * where nothing is to be written.
   *
   * @param look hangs on nothing but what it reads; it is asked again if that changes before the
   *     writing
   * @param changes what is to be written for what was seen
   */
  default <T> CompletionStage<T> amend(Function<View, T> look, Function<T, List<Change>> changes) {
    return read(look)
        .thenCompose(seen ->
            changes.apply(seen).isEmpty()
                ? CompletableFuture.completedFuture(seen)
                : update(transaction -> {
                  T now = look.apply(transaction);
                  transaction.make(changes.apply(now));
                  return now;
                }));
  }

  /**
   * A page of a space in the order of the names.
   *
   * @param after the last name of the page before, or ""
   * @param most at most so many records, 1 to 10,000
   */
  CompletionStage<List<Named>> scan(Space space, String after, int most);

  /**
   * Drops what has expired, in small steps.
   *
   * @param now what expired before this goes
   * @param most look at no more than so many records
   */
  CompletionStage<Swept> sweep(Instant now, int most);

  /**
   * Writes a consistent copy of all records into a new folder while the store is in use.
   *
   * @throws IOException if it cannot be written, or the store cannot do this
   */
  void snapshot(Path folder) throws IOException;

  /**
   * Changes whenever the store had to begin anew, so that what is kept elsewhere can be written
   * again.
   */
  long generation();

  /** Whether others write to it too, so that what is held in memory has to be read again. */
  default boolean shared() {
    return false;
  }

  /** What is wrong with the store now; empty if nothing is. */
  Optional<String> trouble();

  /** Figures for metrics, by name; names are words with dashes. */
  Map<String, Long> figures();

  /** Ends it; what is under way is completed or fails. */
  @Override
  void close();
}

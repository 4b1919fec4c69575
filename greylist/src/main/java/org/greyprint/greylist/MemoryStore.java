// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A store that is gone with the process: for trials and tests. */
final class MemoryStore implements Store {
  private final Map<Space, NavigableMap<String, Value>> spaces = new EnumMap<>(Space.class);
  private Space sweepSpace = Space.values()[0];
  private String sweepAfter = "";
  private boolean closed;

  MemoryStore() {
    for (Space space : Space.values()) {
      spaces.put(space, new TreeMap<>());
    }
  }

  private NavigableMap<String, Value> of(Space space) {
    return spaces.computeIfAbsent(space, each -> new TreeMap<>());
  }

  private synchronized <T> CompletionStage<T> alone(Function<Transaction, T> work) {
    if (closed) {
      return CompletableFuture.failedFuture(new IOException("the store is closed"));
    }
    Map<Space, Map<String, Optional<Value>>> changes = new EnumMap<>(Space.class);
    T result;
    try {
      result = work.apply(new Changes(changes));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    changes.forEach((space, named) ->
        named.forEach((name, value) ->
            value.ifPresentOrElse(
                kept -> of(space).put(name, kept), () -> of(space).remove(name))));
    return CompletableFuture.completedFuture(result);
  }

  private final class Changes implements Transaction {
    private final Map<Space, Map<String, Optional<Value>>> changes;

    Changes(Map<Space, Map<String, Optional<Value>>> changes) {
      this.changes = changes;
    }

    @Override
    public Optional<Value> get(Space space, String name) {
      Optional<Value> changed = changes.getOrDefault(space, Map.of()).get(name);
      return changed != null ? changed : Optional.ofNullable(of(space).get(name));
    }

    @Override
    public void put(Space space, String name, Value value) {
      Value kept = new Value(value.bytes().clone(), Seconds.whole(value.expires()));
      changes.computeIfAbsent(space, each -> new TreeMap<>()).put(name, Optional.of(kept));
    }

    @Override
    public void remove(Space space, String name) {
      changes.computeIfAbsent(space, each -> new TreeMap<>()).put(name, Optional.empty());
    }
  }

  @Override
  public <T> CompletionStage<T> read(Function<View, T> reader) {
    return alone(reader::apply);
  }

  @Override
  public <T> CompletionStage<T> update(Function<Transaction, T> change) {
    return alone(change);
  }

  @Override
  public synchronized CompletionStage<List<Named>> scan(Space space, String after, int most) {
    return alone(all ->
        of(space).tailMap(after, false).entrySet().stream()
            .limit(most)
            .map(entry -> new Named(entry.getKey(), entry.getValue()))
            .toList());
  }

  @Override
  public synchronized CompletionStage<Swept> sweep(Instant now, int most) {
    return alone(all -> {
      List<String> gone = new ArrayList<>();
      int examined = 0;
      for (Map.Entry<String, Value> entry : of(sweepSpace).tailMap(sweepAfter, false).entrySet()) {
        if (examined == most) {
          break;
        }
        examined++;
        sweepAfter = entry.getKey();
        if (entry.getValue().expires().isBefore(now)) {
          gone.add(entry.getKey());
        }
      }
      gone.forEach(of(sweepSpace)::remove);
      boolean end = examined < most;
      boolean round = false;
      if (end) {
        Space[] order = Space.values();
        round = sweepSpace.ordinal() == order.length - 1;
        sweepSpace = order[(sweepSpace.ordinal() + 1) % order.length];
        sweepAfter = "";
      }
      return new Swept(examined, gone.size(), round);
    });
  }

  @Override
  public void snapshot(Path folder) throws IOException {
    throw new IOException("a store in memory has no copy on disk");
  }

  @Override
  public long generation() {
    return 0;
  }

  @Override
  public Optional<String> trouble() {
    return Optional.empty();
  }

  @Override
  public synchronized Map<String, Long> figures() {
    long records = spaces.values().stream().mapToLong(Map::size).sum();
    return Map.of("records", records);
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}

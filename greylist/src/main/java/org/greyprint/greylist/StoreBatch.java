// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/** The changes of one write. */
final class StoreBatch implements Store.Transaction {
  /** A record's space and name. */
  record Key(Store.Space space, String name) {}

  /** A key that was read, and how often it had been written before. */
  private record Read(Key key, int writes) {}

  /** Carries trouble through functions that cannot throw it. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1;
    final IOException why;

    Unusable(IOException why) {
      super(why.getMessage(), why, false, false);
      this.why = why;
    }
  }

  /** Reads what is stored. */
  record Reading(RocksFiles files) implements Store.View {
    @Override
    public Optional<Store.Value> get(Store.Space space, String name) {
      return get(new Key(space, name));
    }

    private Optional<Store.Value> get(Key key) {
      try {
        return files.get(key);
      } catch (RocksDBException e) {
        throw new Unusable(new IOException(e.getMessage(), e));
      } catch (IOException e) {
        throw new Unusable(e);
      }
    }
  }

  /**
   * Reads what is stored, and notes what was read, so that the writer can tell if it still holds.
   */
  static final class Traced implements Store.View {
    private final Reading stored;

    private final List<Read> reads = new ArrayList<>(3);

    Traced(RocksFiles files) {
      this.stored = new Reading(files);
    }

    @Override
    public Optional<Store.Value> get(Store.Space space, String name) {
      Key key = new Key(space, name);
      reads.add(new Read(key, stored.files().writes(key)));
      return stored.get(key);
    }
  }

  private final Reading stored;
  private final Map<Key, Optional<Store.Value>> all = new HashMap<>();
  private final Map<Key, Optional<Store.Value>> own = new LinkedHashMap<>();

  StoreBatch(RocksFiles files) {
    this.stored = new Reading(files);
  }

  @Override
  public Optional<Store.Value> get(Store.Space space, String name) {
    Key key = new Key(space, name);
    Optional<Store.Value> changed = own.get(key);
    if (changed == null) {
      changed = all.get(key);
    }
    return changed != null ? changed : stored.get(key);
  }

  @Override
  public void put(Store.Space space, String name, Store.Value value) {
    own.put(new Key(space, name), Optional.of(value));
  }

  @Override
  public void remove(Store.Space space, String name) {
    own.put(new Key(space, name), Optional.empty());
  }

  /** Whether all that was read there is still so, as far as this batch can see. For the writer. */
  boolean holds(Traced seen) {
    if (seen.stored.files() != stored.files()) {
      return false;
    }
    for (Read read : seen.reads) {
      if (all.containsKey(read.key) || stored.files().writes(read.key) != read.writes) {
        return false;
      }
    }
    return true;
  }

  /** The changes of the job that has just run stay. */
  void keep() {
    all.putAll(own);
    own.clear();
  }

  /** The changes of the job that has just failed go. */
  void drop() {
    own.clear();
  }

  /** What is to be written; an empty value is removed. */
  Map<Key, Optional<Store.Value>> changes() {
    return all;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/** The changes of one write. */
final class StoreBatch implements Store.Transaction {
  /** A record's space and name. */
  record Key(Store.Space space, String name) {}

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
      try {
        return files.get(space, name);
      } catch (RocksDBException e) {
        throw new Unusable(new IOException(e.getMessage(), e));
      } catch (IOException e) {
        throw new Unusable(e);
      }
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
    return changed != null ? changed : stored.get(space, name);
  }

  @Override
  public void put(Store.Space space, String name, Store.Value value) {
    own.put(new Key(space, name), Optional.of(value));
  }

  @Override
  public void remove(Store.Space space, String name) {
    own.put(new Key(space, name), Optional.empty());
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

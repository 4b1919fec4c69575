// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/**
 * Brings a store from the version it was written with to the present one, a step at a time. Each
 * step must be harmless if it is done twice, because the process can end in the midst of it.
 *
 * @param version the version that this program writes
 * @param steps what leads from a version to the one after it
 */
record Migrations(int version, Map<Integer, Step> steps) {
  /** What leads from one version to the next. */
  interface Step {
    /** Changes the records. */
    void apply(RocksFiles files) throws RocksDBException, IOException;
  }

  /** The ones of this program. Version 1 is the first. */
  static final Migrations PRESENT = new Migrations(RocksFiles.VERSION, Map.of());

  void apply(RocksFiles files, boolean readOnly) throws RocksDBException, IOException {
    Optional<Integer> found = files.version();
    if (found.isEmpty()) {
      if (!readOnly) {
        files.version(version);
      }
      return;
    }
    int at = found.get();
    if (at > version) {
      throw new StoreRefused(
          "the store was written by a newer Greyprint (version "
              + at
              + " of the store, this one"
              + " reads up to "
              + version
              + "): install that Greyprint again, or move the folder"
              + " away to begin with an empty store");
    }
    if (at < version && readOnly) {
      throw new StoreRefused(
          "the store is of version "
              + at
              + " and has to be opened once by serve, which brings it"
              + " to version "
              + version);
    }
    for (; at < version; at++) {
      Step step = steps.get(at);
      if (step == null) {
        throw new StoreRefused("there is no way from version " + at + " of the store");
      }
      step.apply(files);
      files.version(at + 1);
    }
  }
}

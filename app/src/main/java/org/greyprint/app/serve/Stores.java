// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.nio.file.Path;
import org.greyprint.greylist.RocksDbStore;
import org.greyprint.greylist.Store;

/** Opens the store that the configuration names. */
final class Stores {
  private static final String ROCKSDB = "rocksdb:";

  private Stores() {}

  /**
   * Opens a store.
   *
   * @param name as {@code store} in the configuration
   * @throws IOException if it cannot be opened now, or must not be
   */
  static Store open(String name) throws IOException {
    if (name.startsWith(ROCKSDB)) {
      return RocksDbStore.open(Path.of(name.substring(ROCKSDB.length())));
    }
    throw new IOException("there is no store of that kind in this version");
  }
}

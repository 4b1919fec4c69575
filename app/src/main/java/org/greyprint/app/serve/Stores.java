// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.nio.file.Path;
import org.greyprint.greylist.RocksDbStore;
import org.greyprint.greylist.Store;

/** Opens the store that the configuration names. */
public final class Stores {
  private static final String ROCKSDB = "rocksdb:";

  private Stores() {}

  /**
   * Opens a store.
   *
   * @param name as {@code store} in the configuration
   * @throws IOException if it cannot be opened now, or must not be
   */
  public static Store open(String name) throws IOException {
    if (name.startsWith(ROCKSDB)) {
      return RocksDbStore.open(Path.of(name.substring(ROCKSDB.length())));
    }
    throw new IOException("there is no store of that kind in this version");
  }

  /**
   * Opens a store to look at it, also while another process has it open.
   *
   * @throws IOException if it cannot be opened now, or must not be
   */
  public static Store openReadOnly(String name) throws IOException {
    return name.startsWith(ROCKSDB)
        ? RocksDbStore.openReadOnly(Path.of(name.substring(ROCKSDB.length())))
        : open(name);
  }
}

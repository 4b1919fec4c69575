// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

/** The store in memory. */
class MemoryStoreTest extends StoreContract {
  @Override
  Store fresh() {
    return Store.inMemory();
  }

  @Override
  Store again(Store closed) {
    return closed;
  }
}

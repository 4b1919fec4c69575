// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.time.Clock;
import org.greyprint.greylist.Greylist;
import org.greyprint.greylist.GreylistSettings;
import org.greyprint.greylist.Store;

/** Opens the store that the configuration names. */
final class Stores {
  private Stores() {}

  static Store open(String name) throws IOException {
    throw new IOException("no store " + name);
  }

  static Greylist over(Store store, GreylistSettings settings, Clock clock) {
    throw new IllegalStateException();
  }
}

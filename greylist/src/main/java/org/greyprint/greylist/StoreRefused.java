// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;

/** A store that must not be touched by this version; its message says why and what to do. */
public final class StoreRefused extends IOException {
  private static final long serialVersionUID = 1;

  StoreRefused(String message) {
    super(message);
  }
}

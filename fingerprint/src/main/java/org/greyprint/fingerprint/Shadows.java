// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.util.Arrays;
import org.greyprint.fingerprint.Signature.WindowKind;

/** Whether one signature matches all that another one does. */
final class Shadows {
  private Shadows() {}

  static boolean covers(Signature wide, Signature narrow) {
    return Arrays.equals(wide.layout(), narrow.layout())
        && wide.eolPadding() == narrow.eolPadding()
        && wide.ipOptions() == narrow.ipOptions()
        && (wide.version() == 0 || wide.version() == narrow.version())
        && quirks(wide.quirks(), narrow.quirks())
        && (wide.anyTtl() ? narrow.ttl() <= wide.ttl() : narrow.ttl() == wide.ttl())
        && any(wide.mss(), narrow.mss())
        && any(wide.scale(), narrow.scale())
        && any(wide.payload(), narrow.payload())
        && window(wide, narrow);
  }

  private static boolean quirks(int wide, int narrow) {
    int ignored = 0;
    if ((wide & Quirks.ANY_FLOW) != 0) {
      ignored |= Quirks.ANY_FLOW | Quirks.FLOW;
    }
    if ((wide & Quirks.ANY_SETUP) != 0) {
      ignored |= Quirks.ANY_SETUP | Quirks.SETUP;
    }
    return (wide & ~ignored) == (narrow & ~ignored);
  }

  private static boolean any(int wide, int narrow) {
    return wide < 0 || wide == narrow;
  }

  private static boolean window(Signature wide, Signature narrow) {
    if (wide.windowKind() == WindowKind.ANY) {
      return true;
    }
    if (wide.windowKind() == WindowKind.FULL && narrow.windowKind() == WindowKind.EXACT) {
      // With any MSS only the usual windows are surely covered.
      return Windows.full(narrow.window(), Math.max(0, narrow.mss()));
    }
    if (wide.windowKind() == WindowKind.MODULO
        && (narrow.windowKind() == WindowKind.EXACT || narrow.windowKind() == WindowKind.MODULO)) {
      return narrow.window() % wide.window() == 0;
    }
    return wide.windowKind() == narrow.windowKind() && wide.window() == narrow.window();
  }
}

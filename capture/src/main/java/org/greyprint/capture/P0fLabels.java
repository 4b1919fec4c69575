// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;

/** What p0f's answers mean in our words. */
final class P0fLabels {
  /** p0f does not say whom the client connected to. */
  static final InetAddress NOWHERE = nowhere();

  private static final double EXACT = 0.8;
  private static final double GENERIC = 0.7;
  private static final double FUZZY = 0.4;

  private P0fLabels() {}

  /**
   * The fingerprint in a response. The role is known only where the flavour names a server: p0f
   * can't tell Windows Server from Windows. There is no signature, for p0f gives none.
   */
  static Fingerprint fingerprint(P0fWire.Response response) {
    int distance = response.distance();
    boolean far = distance < 0 || distance == P0fWire.NO_DISTANCE;
    return new Fingerprint(system(response), far ? -1 : distance, response.linkType(), 0, "");
  }

  private static OperatingSystem system(P0fWire.Response response) {
    String name = response.osName();
    if (name.isEmpty()) {
      return OperatingSystem.UNKNOWN;
    }
    boolean fuzzy = (response.quality() & P0fWire.FUZZY) != 0;
    boolean generic = (response.quality() & P0fWire.GENERIC) != 0;
    Role role = response.osFlavor().startsWith("Server") ? Role.SERVER : Role.UNKNOWN;
    return new OperatingSystem(
        family(name, response.osFlavor()),
        name,
        response.osFlavor(),
        role,
        fuzzy ? Quality.FUZZY : generic ? Quality.GENERIC : Quality.EXACT,
        fuzzy ? FUZZY : generic ? GENERIC : EXACT);
  }

  private static String family(String name, String flavor) {
    return switch (name) {
      case "Mac OS X" -> flavor.contains("iPhone") ? "Apple" : "macOS";
      case "Linux" -> flavor.contains("Android") ? "Android" : "Linux";
      default -> name;
    };
  }

  private static InetAddress nowhere() {
    try {
      return InetAddress.getByAddress(new byte[4]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}

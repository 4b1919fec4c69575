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
 * <p>Confidence is the product of two probabilities. That the family is right is estimated by how
 * the SYN matched. That the role is right follows by Bayes' rule, with clients and servers taken to
 * be equally many, from two numbers: 8 of 9 servers ask for ECN (rule of succession over the seven
 * of the captures, who all do), and 1 of 100 clients does (the most that is reported of Windows
 * clients in the wild).
 */
final class Roles {
  private static final double EXACT = 0.98;
  private static final double GENERIC = 0.85;
  private static final double FUZZY = 0.7;
  private static final double TTL_FAR_OFF = 0.5;

  private static final double SERVER_ASKS = 8.0 / 9;
  private static final double CLIENT_ASKS = 0.01;

  private static final double SERVER_WITH_ECT = SERVER_ASKS / (SERVER_ASKS + CLIENT_ASKS);

  /** An estimate: how many clients' owners switched ECN on for each path that clears ECT(0). */
  private static final double SERVER_WITHOUT_ECT = 0.8;

  /** Of a kernel all of whose servers ask for ECN: 2019 and newer. */
  private static final double CLIENT_SINCE_2019 = client(1 - SERVER_ASKS);

  /** Window 8192 is also sent by 2008 and 2008 R2, whose ECN is off as delivered. */
  private static final double CLIENT_UP_TO_2016 = client(0.5 + 0.5 * (1 - SERVER_ASKS));

  /** XP and 2003 never ask, nor does a retry of any Windows: nothing tells them apart. */
  private static final double CLIENT_OF_OLD = client(1);

  private static final int WINDOW_UP_TO_2016 = 8192;
  private static final int SCALE_SINCE_VISTA = 8;

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
      role = setup || label.flavor().startsWith("Server") ? Role.SERVER : Role.CLIENT;
      confidence *= setup ? ect ? SERVER_WITH_ECT : SERVER_WITHOUT_ECT : client(syn);
    }
    return new OperatingSystem(
        family, label.name(), label.flavor(), role, quality, Math.round(confidence * 100) / 100.0);
  }

  /** How likely one that does not ask is a client, where this share of the servers does not. */
  private static double client(double silentServers) {
    return (1 - CLIENT_ASKS) / (1 - CLIENT_ASKS + silentServers);
  }

  private static double client(Syn syn) {
    if (syn.window == WINDOW_UP_TO_2016 && syn.scale > 0) {
      return CLIENT_UP_TO_2016;
    }
    return syn.scale == SCALE_SINCE_VISTA ? CLIENT_SINCE_2019 : CLIENT_OF_OLD;
  }

  private static String family(Label label) {
    return switch (label.name()) {
      case "Mac OS X" -> label.flavor().contains("iPhone") ? "Apple" : "macOS";
      case "Linux" -> label.flavor().contains("Android") ? "Android" : "Linux";
      default -> label.name();
    };
  }
}

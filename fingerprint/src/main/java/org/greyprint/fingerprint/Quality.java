// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/** How a SYN matched the signature that named it. */
public enum Quality {
  /** A specific signature, in every feature. */
  EXACT,
  /** A generic signature, in every feature. */
  GENERIC,
  /** A signature, but for features that paths are known to change (TTL, DF, IP ID, ECN). */
  FUZZY,
  /** No signature. */
  NONE;

  /** The word that is written in headers, JSON and rules. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

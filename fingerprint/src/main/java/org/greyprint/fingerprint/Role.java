// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/** What the connecting machine is for, as far as its SYN tells. */
public enum Role {
  CLIENT,
  SERVER,
  UNKNOWN;

  /** The word that is written in headers, JSON and rules. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.Locale;

/** What SPF says (RFC 7208, section 2.6), or that it was not answered. */
public enum SpfResult {
  PASS,
  FAIL,
  SOFTFAIL,
  NEUTRAL,
  NONE,
  TEMPERROR,
  PERMERROR,
  /** Not asked, or not answered in time. */
  UNKNOWN;

  /** The word that is written in rules, journal and headers. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

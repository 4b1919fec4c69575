// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/**
 * The operating system a SYN speaks for.
 *
 * @param family Windows, Linux, Android, macOS, iOS, Apple, FreeBSD, OpenBSD, NetBSD, Solaris,
 *     other names of that kind, or "unknown"
 * @param name the label's first part, e.g. "Windows"; "" when unknown
 * @param flavor the label's second part, e.g. "10 or 11" or "Server 2012 or newer"; may be ""
 * @param role client, server or unknown
 * @param quality how the signature matched
 * @param confidence how likely family and role are right, from 0 to 1
 */
public record OperatingSystem(
    String family, String name, String flavor, Role role, Quality quality, double confidence) {
  /** What is said when nothing is known. */
  public static final OperatingSystem UNKNOWN =
      new OperatingSystem("unknown", "", "", Role.UNKNOWN, Quality.NONE, 0);

  /** The label alone, e.g. "Windows 10 or 11", or "UNKNOWN". */
  public String label() {
    if (name.isEmpty()) {
      return "UNKNOWN";
    }
    return flavor.isEmpty() ? name : name + " " + flavor;
  }
}

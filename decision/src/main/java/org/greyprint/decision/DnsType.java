// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/** The types of records that evidence is made of, and the form of their values. */
public enum DnsType {
  /** IPv4 addresses as text. */
  A,
  /** IPv6 addresses as text. */
  AAAA,
  /** Names without the final dot. */
  PTR,
  /** Names without the final dot, the preferred ones first. */
  MX,
  /** Texts, the strings of each record joined. */
  TXT
}

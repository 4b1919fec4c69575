// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/** What has to be asked of DNS before a field of the evidence is known. */
enum Need {
  /** The client's reverse name and its forward confirmation. */
  REVERSE,
  /** The addresses of the name given in HELO. */
  HELO,
  /** SPF for the sender's domain. */
  SPF,
  /** The block- and allow-lists. */
  LISTS
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/**
 * What DNS tells of the name given in HELO.
 *
 * @param known whether DNS answered
 * @param resolves whether the name has an address
 * @param matches whether one of them is the client's
 */
public record HeloFinding(boolean known, boolean resolves, boolean matches) {
  /** What is said before, or without, an answer. */
  public static final HeloFinding UNKNOWN = new HeloFinding(false, false, false);
}

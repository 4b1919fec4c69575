// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

/**
 * What the preflight found.
 *
 * @param refused whether it stands in the way; else it is good to know
 * @param server whom it concerns
 * @param what the state
 * @param cure what to do about it
 */
public record Finding(boolean refused, Address server, String what, String cure) {
  static Finding refuse(Address server, String what, String cure) {
    return new Finding(true, server, what, cure);
  }

  static Finding note(Address server, String what, String cure) {
    return new Finding(false, server, what, cure);
  }

  @Override
  public String toString() {
    return server.place() + ": " + what + (cure.isEmpty() ? "" : "; " + cure);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.List;

/**
 * What the reverse DNS tells of an address.
 *
 * @param known whether DNS answered; all else is empty or false if not
 * @param names the names its PTR records give, without the final dot, at most ten
 * @param confirmed the first of them that leads back to the address, or ""
 * @param generic whether the name is made from the address itself
 * @param dynamic whether the name has a word that providers use for dial-up and home ranges
 */
public record Reverse(
    boolean known, List<String> names, String confirmed, boolean generic, boolean dynamic) {
  /** What is said before, or without, an answer. */
  public static final Reverse UNKNOWN = new Reverse(false, List.of(), "", false, false);

  /** The name to show: the confirmed one, else the first, else "". */
  public String name() {
    return !confirmed.isEmpty() ? confirmed : names.isEmpty() ? "" : names.getFirst();
  }
}

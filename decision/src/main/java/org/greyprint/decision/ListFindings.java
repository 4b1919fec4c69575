// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.List;

/**
 * What the configured DNS lists say of an address.
 *
 * @param known whether every list answered
 * @param block the sum of the weights of the block-lists that name it
 * @param allow the sum of the weights of the allow-lists that name it
 * @param names the lists that name it
 * @param codes their answers, as name=127.0.0.2
 */
public record ListFindings(
    boolean known, double block, double allow, List<String> names, List<String> codes) {
  /** What is said before, or without, an answer. */
  public static final ListFindings UNKNOWN = new ListFindings(false, 0, 0, List.of(), List.of());
}

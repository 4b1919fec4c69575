// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import org.greyprint.fingerprint.Fingerprint;

/**
 * What a SYN tells, in our words and in p0f's.
 *
 * @param fingerprint ours
 * @param p0f the fields of p0f's log lines
 */
record Described(Fingerprint fingerprint, P0f p0f) {
  /**
   * Fields of the lines {@code mod=syn} and {@code mod=mtu}.
   *
   * @param system {@code os=...} or {@code app=...}
   * @param distance as after {@code dist=}
   * @param params as after {@code params=}
   * @param rawSignature as after {@code raw_sig=}
   * @param link as after {@code link=}; "" where p0f prints no such line
   * @param rawMtu as after {@code raw_mtu=}
   */
  record P0f(
      String system,
      String distance,
      String params,
      String rawSignature,
      String link,
      int rawMtu) {}
}

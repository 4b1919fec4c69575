// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * What the faces that talk to MTAs have in common.
 *
 * @param header the name of the header that tells the operating system; {@code X-P0f-OS}
 * @param patience how long the first recipient may wait for a SYN that is still on its way from the
 *     capture
 * @param idInReply whether a deferral's text names the decision, for {@code greyprint explain --id}
 */
public record FaceSettings(String header, Duration patience, boolean idInReply) {
  private static final Pattern NAME = Pattern.compile("[!-9;-~]{1,76}");

  /** {@code X-P0f-OS}, a quarter of a second, no id in the reply. */
  public static final FaceSettings DEFAULT =
      new FaceSettings("X-P0f-OS", Duration.ofMillis(250), false);

  /**
   * @throws IllegalArgumentException if the header's name is none (RFC 5322, 2.2), or the patience
   *     is not between 0 and 2 s
   */
  public FaceSettings {
    if (!NAME.matcher(header).matches()) {
      throw new IllegalArgumentException("'" + header + "' is no name of a header");
    }
    if (patience.isNegative() || patience.compareTo(Duration.ofSeconds(2)) > 0) {
      throw new IllegalArgumentException("patience must be between 0 and 2 s");
    }
  }

  /** The same with another header. */
  public FaceSettings withHeader(String name) {
    return new FaceSettings(name, patience, idInReply);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;

/** Turns the headers of a SYN into what they tell; safe for use by many threads. */
@FunctionalInterface
public interface SynReader {
  /**
   * Reads an IPv4 or IPv6 packet.
   *
   * @param packet holds it from {@code start} up to {@code end}; its payload may be missing
   * @return empty where it is no SYN
   */
  Optional<Fingerprint> read(byte[] packet, int start, int end);
}

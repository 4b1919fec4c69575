// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Answers who a connected client is by the SYN it opened with. */
public interface SynLookup {
  /**
   * The observation of a client.
   *
   * @param client its address, IPv4-mapped ones already made IPv4
   * @param clientPort its source port; 0 asks for the latest SYN of the address
   * @param patience how long to wait where the SYN may still be on its way from the capture; the
   *     stage is complete at once where it is known already
   * @return completes with empty if no SYN was seen; never fails
   */
  CompletionStage<Optional<Observation>> find(
      InetAddress client, int clientPort, Duration patience);
}

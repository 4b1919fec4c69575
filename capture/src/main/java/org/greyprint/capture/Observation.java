// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;

/**
 * One SYN that was seen, or what another fingerprinter says of a client.
 *
 * @param time when the SYN was captured
 * @param client who sent it
 * @param clientPort its source port, or 0 where the source knows none
 * @param server whom it was sent to
 * @param serverPort the port it was sent to, or 0
 * @param fingerprint what it tells
 * @param hosts how many different machines this address was lately seen to be; at least 1
 * @param uptime how long the machine has been up, where its timestamps allow that
 */
public record Observation(
    Instant time,
    InetAddress client,
    int clientPort,
    InetAddress server,
    int serverPort,
    Fingerprint fingerprint,
    int hosts,
    Optional<java.time.Duration> uptime) {}

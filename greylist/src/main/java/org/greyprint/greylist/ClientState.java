// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Instant;
import java.util.Optional;

/**
 * What a network or domain has shown so far.
 *
 * @param name a network such as 192.0.2.0/24, or a domain
 * @param deliveries how often it came back and passed, counted at most once an interval
 * @param last when that was last counted
 * @param provenUntil until when it passes without delay; empty if it has not proven itself
 * @param networks for a domain: from how many networks SPF has passed for it
 */
public record ClientState(
    String name, long deliveries, Instant last, Optional<Instant> provenUntil, int networks) {}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of an address from all its SYNs that the table still holds.
 *
 * @param latest its latest SYN
 * @param firstSeen when its first one was seen
 * @param connections how many it sent, retransmissions not counted
 * @param lastSharing when SYNs of different machines last took turns
 * @param lastChange when a machine unlike those before was last seen
 * @param wrapDays after how many days its timestamp clock begins anew, so that the uptime is known
 *     only modulo this; 0 where the uptime is not known
 */
public record ClientHistory(
    Observation latest,
    Instant firstSeen,
    long connections,
    Optional<Instant> lastSharing,
    Optional<Instant> lastChange,
    int wrapDays) {}

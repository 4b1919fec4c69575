// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.time.Instant;

/**
 * What is known of one origin, sender and recipient.
 *
 * @param origin the client's network, e.g. 192.0.2.0/24
 * @param domain the domain that takes the network's place because SPF passed for it, or ""
 * @param pool the provider pool that takes the network's place, or ""
 * @param client the address it last came from
 * @param sender the sender as it is compared: normalised, "" for the null sender
 * @param recipient the recipient as it is compared
 * @param state where it stands
 * @param first when it first came
 * @param last when it last came
 * @param tries how often it came before it passed
 * @param passes how often it passed; once it is known, they are no longer counted one by one
 * @param due when it passes or passed
 * @param expires when it is forgotten if it does not come again
 * @param observed whether it was last seen in observe mode
 * @param releasedBy who released it, or ""
 */
public record Triplet(
    String origin,
    String domain,
    String pool,
    InetAddress client,
    String sender,
    String recipient,
    State state,
    Instant first,
    Instant last,
    long tries,
    long passes,
    Instant due,
    Instant expires,
    boolean observed,
    String releasedBy) {
  /** Where a triplet stands. */
  public enum State {
    /** Deferred; it has to come again. */
    WAITING,
    /** Deferred, and let through by hand: it passes when it comes again. */
    RELEASED,
    /** Has passed. */
    PASSED
  }
}

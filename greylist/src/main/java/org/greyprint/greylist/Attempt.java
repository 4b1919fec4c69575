// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * One recipient of one message that a client wants to deliver.
 *
 * @param client the client's address, IPv4-mapped ones already made IPv4
 * @param helo the name given in HELO or EHLO, or ""
 * @param hostName the client's forward-confirmed reverse name, or ""
 * @param sender envelope sender without angle brackets, "" for the null sender
 * @param recipient envelope recipient without angle brackets
 * @param spfPass the domain for which SPF passes for this client, or "" where it does not pass or
 *     is not known; HELO's domain for the null sender
 * @param delay a delay of the caller's own, or empty for the configured one
 * @param observe whether the mail is delivered whatever is answered; it is recorded all the same
 */
public record Attempt(
    InetAddress client,
    String helo,
    String hostName,
    String sender,
    String recipient,
    String spfPass,
    Optional<Duration> delay,
    boolean observe) {
  /** An attempt of which nothing more than the triplet is known. */
  public static Attempt of(InetAddress client, String sender, String recipient) {
    return new Attempt(client, "", "", sender, recipient, "", Optional.empty(), false);
  }
}

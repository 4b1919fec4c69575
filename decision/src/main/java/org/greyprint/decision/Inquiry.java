// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;

/**
 * What a face asks: may this recipient of this message be taken now?
 *
 * @param time when it is asked
 * @param client who connects
 * @param session what is known of the SMTP session
 * @param envelope the message so far
 * @param fingerprint what the client's SYN told; empty if none was seen
 * @param extra evidence that only one kind of face has (RTT, talking early, TLS hello), by name;
 *     values are String, Long, Double, Boolean or List of String
 */
public record Inquiry(
    Instant time,
    Client client,
    Session session,
    Envelope envelope,
    Optional<Fingerprint> fingerprint,
    Map<String, Object> extra) {

  /**
   * Who connects.
   *
   * @param address never a name, IPv4-mapped addresses already made IPv4
   * @param port source port, or 0 if the asker does not know it
   * @param name the MTA's verified name, or ""
   * @param reverseName the unverified reverse name, or ""
   */
  public record Client(InetAddress address, int port, String name, String reverseName) {
    public boolean loopback() {
      return address.isLoopbackAddress();
    }
  }

  /**
   * What is known of the SMTP session.
   *
   * @param face which face asks: milter, policy or gateway
   * @param id the same for every recipient and message of one session, unique for the daemon's life
   * @param serverPort the port the client came to, or 0
   * @param helo the name given in HELO or EHLO, or ""
   * @param login the authenticated user, or "" if not authenticated
   * @param tls the TLS version, or "" without TLS
   */
  public record Session(
      String face, String id, int serverPort, String helo, String login, String tls) {
    public boolean authenticated() {
      return !login.isEmpty();
    }
  }

  /**
   * The message so far.
   *
   * @param id the same for every recipient of one message
   * @param sender without angle brackets; "" for the null sender
   * @param recipient without angle brackets
   * @param size announced octets, or 0
   */
  public record Envelope(String id, String sender, String recipient, long size) {}
}

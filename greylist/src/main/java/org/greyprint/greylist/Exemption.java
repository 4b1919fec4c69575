// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * An entry of the lists that administrators and users keep: who is not greylisted, or has another
 * delay.
 *
 * @param kind what is compared
 * @param value with what; see {@link Kind}
 * @param delay zero: passes without delay; else the delay that holds for it
 * @param by who made it
 * @param made when
 * @param reason why, or ""
 * @param expires when it ends; empty if it does not
 */
public record Exemption(
    Kind kind,
    String value,
    Duration delay,
    String by,
    Instant made,
    String reason,
    Optional<Instant> expires) {
  /** What an entry is compared with. */
  public enum Kind {
    /** A recipient's address. */
    RECIPIENT,
    /** A recipient's domain; with a leading dot it means the domains below it. */
    RECIPIENT_DOMAIN,
    /** A sender's address; counts only where SPF passes for the sender's domain. */
    SENDER,
    /** A sender's domain, else like {@link #SENDER}. */
    SENDER_DOMAIN,
    /** The client's address or network, e.g. 192.0.2.0/24 or 2001:db8::/32. */
    CLIENT,
    /** The name given in HELO; with a leading dot the names below it. Anyone can claim one. */
    HELO,
    /** The client's forward-confirmed reverse name; with a leading dot the names below it. */
    HOST;

    /** How it is written in commands. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Names the entry: its kind and value. */
  public String id() {
    return kind.word() + ":" + value;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/**
 * One SYN after another, read and matched in the same object without allocation; a {@link
 * Fingerprint} is made only when asked for. Not safe for threads: each has its own, by {@link
 * Fingerprinter#reading()}.
 */
public final class Reading {
  private static final String NAMELESS = "";

  private final Fingerprinter fingerprinter;
  private final Syn syn = new Syn();
  private final Database.Found found = new Database.Found();
  private final MatchCache cache = new MatchCache();
  private boolean present;

  Reading(Fingerprinter fingerprinter) {
    this.fingerprinter = fingerprinter;
  }

  /**
   * Reads an IPv4 or IPv6 packet and looks for what names it.
   *
   * @param packet holds it from {@code start} up to {@code end}; its payload may be missing
   * @return false where it is no SYN without ACK whose headers are whole; nothing can be asked then
   */
  public boolean read(byte[] packet, int start, int end) {
    present = syn.read(packet, start, end);
    if (present && !cache.find(syn, found)) {
      Windows.findMultiple(syn);
      fingerprinter.find(syn, found);
      cache.keep(found);
    }
    return present;
  }

  /**
   * The first part of the label of the SYN last read, e.g. "Windows"; "" where nothing names it.
   */
  public String name() {
    Signature signature = present ? found.signature : null;
    return signature == null ? NAMELESS : signature.label().name();
  }

  /** The sender's own timestamp (RFC 7323) as an unsigned 32-bit number; 0 where it sent none. */
  public int timestamp() {
    return syn.timestamp;
  }

  /**
   * All that the SYN last read tells.
   *
   * @throws IllegalStateException if the last packet was none
   */
  public Fingerprint fingerprint() {
    if (!present) {
      throw new IllegalStateException("no SYN was read");
    }
    // Not known where the signature was remembered.
    Windows.findMultiple(syn);
    return fingerprinter.fingerprint(syn, found);
  }
}

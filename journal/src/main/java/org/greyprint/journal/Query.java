// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Which entries are wanted; what is empty does not count.
 *
 * @param since not before this
 * @param until before this
 * @param client from this address
 * @param port from this port; 0 means any
 * @param id the one with this id
 * @param recipient to this recipient; case does not count
 */
public record Query(
    Optional<Instant> since,
    Optional<Instant> until,
    Optional<InetAddress> client,
    int port,
    Optional<String> id,
    Optional<String> recipient) {
  /** Every entry. */
  public static final Query ALL =
      new Query(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          0,
          Optional.empty(),
          Optional.empty());

  /** The entry with this id. */
  public static Query byId(String id) {
    return new Query(
        Optional.empty(), Optional.empty(), Optional.empty(), 0, Optional.of(id), Optional.empty());
  }

  /** The entries of a client; port 0 means any. */
  public static Query byClient(InetAddress client, int port) {
    return new Query(
        Optional.empty(),
        Optional.empty(),
        Optional.of(client),
        port,
        Optional.empty(),
        Optional.empty());
  }

  /** The entries since a time. */
  public static Query since(Instant since) {
    return ALL.from(since);
  }

  /** The same, but not before a time. */
  public Query from(Instant time) {
    return new Query(Optional.of(time), until, client, port, id, recipient);
  }

  /** The same, but before a time. */
  public Query before(Instant time) {
    return new Query(since, Optional.of(time), client, port, id, recipient);
  }

  /** The same, but to a recipient. */
  public Query to(String address) {
    return new Query(since, until, client, port, id, Optional.of(address.toLowerCase(Locale.ROOT)));
  }

  /** What can be told before the whole entry is read. */
  boolean mayWant(Instant time, byte[] address, int clientPort, String entryId) {
    return (id.isEmpty() || id.get().equals(entryId))
        && (since.isEmpty() || !time.isBefore(since.get()))
        && (until.isEmpty() || time.isBefore(until.get()))
        && (port == 0 || port == clientPort)
        && (client.isEmpty() || Arrays.equals(client.get().getAddress(), address));
  }

  boolean wants(Entry entry) {
    return recipient.isEmpty()
        || recipient.get().equals(entry.text("envelope.recipient").toLowerCase(Locale.ROOT));
  }
}

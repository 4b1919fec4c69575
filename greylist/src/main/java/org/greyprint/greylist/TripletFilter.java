// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.Optional;

/**
 * Which triplets are meant; an empty part means any.
 *
 * @param client an address, or a network such as 192.0.2.0/24
 * @param sender a whole address, {@code @domain}, or {@code <>} for the null sender
 * @param recipient a whole address, or {@code @domain}
 * @param state where it stands
 */
public record TripletFilter(
    Optional<String> client,
    Optional<String> sender,
    Optional<String> recipient,
    Optional<Triplet.State> state) {
  /** All of them. */
  public static final TripletFilter ALL =
      new TripletFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Narrowed to a client's address or network. */
  public TripletFilter withClient(String value) {
    return new TripletFilter(Optional.of(value), sender, recipient, state);
  }

  /** Narrowed to a sender. */
  public TripletFilter withSender(String value) {
    return new TripletFilter(client, Optional.of(value), recipient, state);
  }

  /** Narrowed to a recipient. */
  public TripletFilter withRecipient(String value) {
    return new TripletFilter(client, sender, Optional.of(value), state);
  }

  /** Narrowed to a state. */
  public TripletFilter withState(Triplet.State value) {
    return new TripletFilter(client, sender, recipient, Optional.of(value));
  }
}

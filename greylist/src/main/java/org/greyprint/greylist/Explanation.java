// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.List;
import java.util.Optional;

/**
 * What the greylist knows of an attempt, and what it would answer; nothing is recorded.
 *
 * @param answer what it would answer now
 * @param sender the sender as it is compared
 * @param recipient the recipient as it is compared
 * @param origins what it is recognised by: network, and where they apply domain and pool
 * @param triplets what is known of this sender and recipient, from wherever
 * @param clients what its network and domain have shown
 * @param exemption the list entry that decides, if one does
 * @param correspondent whether the recipient has written to the sender, if so
 */
public record Explanation(
    Answer answer,
    String sender,
    String recipient,
    List<String> origins,
    List<Triplet> triplets,
    List<ClientState> clients,
    Optional<Exemption> exemption,
    Optional<Correspondent> correspondent) {}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.Optional;

/**
 * Whom a replica is to follow and from where.
 *
 * @param serverId the master's server id, by which a running replica knows it under any name
 * @param login the replication account and its password; empty keeps the replica's present ones
 * @param start the place to start at; empty means by GTID, from what the replica has
 * @param demote the replica was a master until now, its own transactions count as received
 */
record Source(
    Address address,
    long serverId,
    Optional<Login> login,
    Optional<Position> start,
    boolean demote,
    Access.Tls tls) {
  /** An account and its password. */
  record Login(String user, String password) {
    @Override
    public String toString() {
      return user;
    }
  }
}

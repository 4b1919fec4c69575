// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What every step of a move works with.
 *
 * @param back whether this is the way back, to a host that was the master before
 * @param hook told of each step begun and done; tests end the process there
 */
record Context(
    MoveSettings settings,
    Topology servers,
    MoveSettings.Method method,
    Plan.CopyWay copy,
    List<String> schemas,
    boolean back,
    Journal journal,
    Progress progress,
    Move.Hook hook) {

  Server from() {
    return servers.from();
  }

  Server to() {
    return servers.to();
  }

  boolean gtid() {
    return method == MoveSettings.Method.GTID;
  }

  /** Whether the old master is shut down at the switch. */
  boolean shutsDown() {
    return !gtid() && !back;
  }

  Path journalFile() {
    return settings.journal();
  }

  Duration patience() {
    return settings.patience();
  }

  /** The replication account with its password, as far as they are known. */
  Optional<Source.Login> login() {
    return Plan.replicationUser(settings.access(), servers)
        .map(user ->
            new Source.Login(
                user,
                settings
                    .access()
                    .replicationPassword()
                    .orElseGet(
                        () -> settings.access().passwords().apply(from().address().as(user)))));
  }

  /** Where a replica shall go on; by GTID from what it has. */
  Source source(Server master, boolean withLogin, Optional<Position> start, boolean demote) {
    return new Source(
        master.address(),
        master.serverId(),
        withLogin ? login() : Optional.empty(),
        gtid() ? Optional.empty() : start,
        demote,
        settings.access().tls());
  }

  /** A position as journal values. */
  static Map<String, String> values(Position position) {
    return Map.of(
        "gtid", position.gtid(), "file", position.file(), "offset", "" + position.offset());
  }

  /** The position of the last such record of this move. */
  Optional<Position> recorded(String event) {
    return journal.last(event).map(Context::position);
  }

  static Position position(Journal.Entry entry) {
    return new Position(
        entry.value("gtid"), entry.value("file"), Long.parseLong(entry.value("offset")));
  }
}

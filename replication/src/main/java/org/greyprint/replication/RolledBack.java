// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the journal knows of a move of the same servers that was rolled back: the next one begins
 * with it.
 */
record RolledBack(List<Journal.Entry> entries, boolean sameTarget) {
  static final RolledBack NONE = new RolledBack(List.of(), false);

  /** The records of the last move, if that began at the same master and was rolled back. */
  static RolledBack of(List<Journal.Entry> current, MoveSettings settings) {
    Optional<Journal.Entry> begun =
        current.stream().filter(e -> e.event().equals("begin")).findFirst();
    boolean same =
        begun.isPresent()
            && begun.get().value("from").equals(settings.from().toString())
            && begun.get().value("back").equals("false")
            && current.stream().anyMatch(e -> e.event().equals("rolled-back"));
    return same
        ? new RolledBack(
            List.copyOf(current), begun.get().value("to").equals(settings.to().toString()))
        : NONE;
  }

  private String begun(String key) {
    return entries.isEmpty() ? "" : entries.getFirst().value(key);
  }

  /**
   * Its replicas. One that has lost its master for a moment would not be found now, and would be
   * left behind with the old one.
   */
  List<Address> replicas() {
    return Move.split(begun("replicas")).stream()
        .map(line -> Move.address(line.split(" ")[0]))
        .toList();
  }

  /** The schemas it may have left on the new host; they are its own. */
  Set<String> schemas() {
    Set<String> schemas = new TreeSet<>();
    if (sameTarget && entries.stream().anyMatch(e -> e.value("step").equals("clean-new"))) {
      schemas.addAll(Move.split(begun("schemas")));
      schemas.add(Token.SCHEMA);
    }
    return schemas;
  }

  /**
   * Whether someone wrote to a copy on the new host, which is not the move's own then.
   *
   * @param records of every move in the journal: an earlier one may have made the copy
   */
  Optional<Finding> written(List<Journal.Entry> records, Topology servers) {
    String own = sameTarget ? OwnWrites.of(records, servers.to(), servers.from()) : "";
    return own.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Finding.refuse(
                servers.to().address(),
                "took writes of its own since a move that was rolled back (" + own + ")",
                "look at them with mariadb-binlog or mysqlbinlog, repeat on the old master what is"
                    + " wanted, then drop the databases there"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.List;

/**
 * What someone wrote to the new host before it was the master. A service manager that starts a
 * killed server again makes it take writes, and an application may find it; such a row was
 * acknowledged, and must not be swept away with the copy.
 */
final class OwnWrites {
  private OwnWrites() {}

  /**
   * Stops where there is any.
   *
   * @param records of this move and of those before it in the same journal
   * @throws MoveFailure naming the transactions
   */
  static void refuse(List<Journal.Entry> records, Server to, Server from) {
    String own = of(records, to, from);
    if (!own.isEmpty()) {
      throw new MoveFailure(
          to
              + ": took writes of its own before it was the master ("
              + own
              + "): nothing is removed there; look at them with mariadb-binlog or mysqlbinlog, repeat"
              + " on the old master what is wanted, then drop the databases there");
    }
  }

  /**
   * What there is since the new host had the copy of a move, this one or one that was rolled back;
   * "" where there is nothing, or where someone has dropped what was copied.
   */
  static String of(List<Journal.Entry> records, Server to, Server from) {
    boolean same = false;
    boolean copied = false;
    List<String> schemas = List.of();
    for (Journal.Entry entry : records) {
      switch (entry.event()) {
        case "begin" -> {
          boolean before = same;
          same =
              entry.value("from").equals(from.address().toString())
                  && entry.value("to").equals(to.address().toString());
          copied &= before && same;
          schemas = Move.split(entry.value("schemas"));
        }
        case "finished" -> copied = false;
        case "history" -> copied = same;
        case "doing" -> copied &= !entry.value("step").equals("clean-new");
        default -> {}
      }
    }
    return copied && to.schemas().stream().anyMatch(schemas::contains)
        ? StatusReport.errant(to, from)
        : "";
  }
}

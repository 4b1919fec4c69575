// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The hosts by their names as they stand in lines, found without making a string of each. */
final class HostTable {
  /** Names differ in case and port, and come from outside: beyond so many the table is emptied. */
  private static final int MOST = 1 << 17;

  private byte[][] names = new byte[1024][];
  private Splitter.@Nullable Host[] hosts = new Splitter.Host[1024];
  private int size;

  Splitter.@Nullable Host get(byte[] line, int from, int to) {
    int mask = names.length - 1;
    for (int at = hash(line, from, to) & mask; names[at] != null; at = at + 1 & mask) {
      byte[] name = names[at];
      if (Arrays.equals(name, 0, name.length, line, from, to)) {
        return hosts[at];
      }
    }
    return null;
  }

  void put(byte[] line, int from, int to, Splitter.Host host) {
    if (size == MOST) {
      names = new byte[1024][];
      hosts = new Splitter.Host[1024];
      size = 0;
    }
    if (size * 2 >= names.length) {
      grow();
    }
    insert(Arrays.copyOfRange(line, from, to), host);
    size++;
  }

  private void insert(byte[] name, Splitter.@Nullable Host host) {
    int mask = names.length - 1;
    int at = hash(name, 0, name.length) & mask;
    while (names[at] != null) {
      at = at + 1 & mask;
    }
    names[at] = name;
    hosts[at] = host;
  }

  private void grow() {
    byte[][] oldNames = names;
    Splitter.@Nullable Host[] oldHosts = hosts;
    names = new byte[oldNames.length * 2][];
    hosts = new Splitter.Host[oldNames.length * 2];
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNames[i] != null) {
        insert(oldNames[i], oldHosts[i]);
      }
    }
  }

  private static int hash(byte[] line, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + line[i];
    }
    return hash ^ hash >>> 15;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether the old master was started again while it was to be shut down. */
class HandoverTest {
  @ParameterizedTest(name = "{5}")
  @CsvSource({
    "90000,   1,     0,  true,  true,  an old server that is young again was",
    "90000, 600,   600,  true,  true,  also where that was long ago",
    "90000,   1, 90001, false, false,  one that is older was not",
    "    1,   2,     1,  true,  true,  a young one is known by its log",
    "    1,   2,     2,  true,  true,  also where it is as old as before",
    "    1,   2,     3, false, false,  a young one with the same log was not",
    "    0,   1,     1, false, false,  nor one that had just begun",
    "90000,   3, 90003,  true, false,  another log alone is somebody's FLUSH BINARY LOGS",
    "   10,   3,    13,  true, false,  also on a server that is up for seconds",
  })
  void aServerThatWasStartedAnewIsKnown(
      long before, long passed, long now, boolean otherLog, boolean anew, String why) {
    assertThat(Handover.anew(before, passed, now, otherLog)).as(why).isEqualTo(anew);
  }
}

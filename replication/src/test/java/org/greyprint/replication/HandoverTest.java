// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Whether the old master was started again while it was to be shut down. */
class HandoverTest {
  @Test
  void anOldServerThatIsYoungAgainWasStartedAnew() {
    assertThat(Handover.anew(90_000, 1, 0, true)).isTrue();
    assertThat(Handover.anew(90_000, 600, 600, true)).isTrue();
    assertThat(Handover.anew(90_000, 1, 90_001, false)).isFalse();
  }

  /** Which a test's servers are, and one that was just set up. */
  @Test
  void aYoungServerIsKnownByItsLog() {
    assertThat(Handover.anew(1, 2, 1, true)).isTrue();
    assertThat(Handover.anew(1, 2, 2, true)).isTrue();
    assertThat(Handover.anew(1, 2, 3, false)).isFalse();
    assertThat(Handover.anew(0, 1, 1, false)).isFalse();
  }

  /** Somebody's FLUSH BINARY LOGS is no start. */
  @Test
  void anotherLogAloneIsNoStart() {
    assertThat(Handover.anew(90_000, 3, 90_003, true)).isFalse();
    assertThat(Handover.anew(10, 3, 13, true)).isFalse();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InstancesTest {
  private final Instances instances = new Instances(3);

  private Instances.State of(String instance) {
    return instances.of(
        instance, () -> new Instances.State(CompletableFuture.completedStage(Optional.empty())));
  }

  @Test
  void forgetsTheOneThatWasLongestNotAskedAbout() {
    Instances.State first = of("1");
    of("2");
    of("3");
    assertThat(of("1")).isSameAs(first);
    of("4");
    assertThat(instances.size()).isEqualTo(3);
    assertThat(instances.known("2")).isEmpty();
    assertThat(instances.known("1")).containsSame(first);
  }

  @Test
  void rememberNothingThatHasNoName() {
    assertThat(of("")).isNotSameAs(of(""));
    assertThat(instances.size()).isZero();
  }

  @Test
  void givesTheHeaderOnce() {
    assertThat(of("1").takeHeader()).isTrue();
    assertThat(of("1").takeHeader()).isFalse();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.greyprint.capture.Observation;
import org.junit.jupiter.api.Test;

class InstancesTest {
  private final Instances instances = new Instances(3);

  private Instances.State of(String instance) {
    return instances.of(instance, () -> Desk.NOTHING);
  }

  @Test
  void forgetsTheOneThatWasLongestNotAskedAbout() {
    of("1").decided();
    of("2");
    of("3");
    assertThat(of("1").wasDecided()).isTrue();
    of("4");
    assertThat(instances.size()).isEqualTo(3);
    assertThat(instances.known("2")).isEmpty();
    assertThat(instances.known("1")).isPresent();
  }

  @Test
  void remembersNothingThatHasNoName() {
    of("").decided();
    assertThat(of("").wasDecided()).isFalse();
    assertThat(instances.size()).isZero();
  }

  @Test
  void givesTheHeaderOnce() {
    assertThat(of("1").takeHeader()).isTrue();
    assertThat(of("1").takeHeader()).isFalse();
  }

  @Test
  void looksForTheSynOfAMessageOnce() {
    CompletionStage<Optional<Observation>> first = new CompletableFuture<>();
    assertThat(instances.of("1", () -> first).syn()).isSameAs(first);
    assertThat(of("1").syn()).isSameAs(first);
  }

  @Test
  void whatIsNotedOfAForgottenMessageIsNotAnothers() {
    Instances.State gone = of("1");
    of("2");
    of("3");
    of("4");
    gone.decided();
    gone.atData("550");
    for (String other : new String[] {"2", "3", "4"}) {
      assertThat(of(other).wasDecided()).isFalse();
      assertThat(of(other).atData()).isEmpty();
    }
    assertThat(gone.takeHeader()).isTrue();
  }

  /** Against a map in the order of use, which is the plain way to do the same. */
  @Test
  void remembersWhatAMapWould() {
    Instances tested = new Instances(50);
    Map<String, String> model =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > 50;
          }
        };
    SplittableRandom random = new SplittableRandom(50);
    for (int i = 0; i < 200_000; i++) {
      String name = "i" + random.nextInt(100) * random.nextInt(3);
      if (random.nextBoolean()) {
        String expected = model.computeIfAbsent(name, any -> "");
        Instances.State state = tested.of(name, () -> Desk.NOTHING);
        assertThat(state.atData().orElse("")).isEqualTo(expected);
        String action = "a" + i;
        model.put(name, action);
        state.atData(action);
      } else {
        String expected = model.get(name);
        assertThat(tested.known(name).map(state -> state.atData().orElse("")).orElse(null))
            .isEqualTo(expected);
      }
      assertThat(tested.size()).isEqualTo(model.size());
    }
  }
}

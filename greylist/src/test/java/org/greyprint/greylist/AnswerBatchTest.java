// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What follows the answers of a batch. */
class AnswerBatchTest {
  private final List<String> done = new ArrayList<>();
  private int handed;
  private final Executor one =
      task -> {
        handed++;
        task.run();
      };

  private void say(Executor executor, String what) {
    AnswerBatch.execute(executor, () -> done.add(what));
  }

  @Test
  void aTaskByItselfRunsAtOnce() {
    say(one, "a");
    assertThat(done).containsExactly("a");
  }

  @Test
  void thoseOfABatchAreHandedOverAtItsEndOnceForEachExecutor() {
    Executor other = task -> one.execute(task);
    AnswerBatch.answering(() -> {
      say(one, "a");
      say(other, "b");
      say(one, "c");
      assertThat(done).isEmpty();
    });
    assertThat(done).containsExactly("a", "c", "b");
    assertThat(handed).isEqualTo(2);
    say(one, "d");
    assertThat(done).hasSize(4);
  }

  @Test
  void oneThatFailsTakesNoOtherWithIt() {
    Executor ended =
        task -> {
          throw new RejectedExecutionException("it has ended");
        };
    AnswerBatch.answering(() -> {
      say(ended, "lost with its connection");
      AnswerBatch.execute(
          one,
          () -> {
            throw new IllegalStateException("for the test");
          });
      say(one, "b");
    });
    assertThat(done).containsExactly("b");
  }

  @Test
  void whatWasAnsweredBeforeAFailureIsHandedOver() {
    assertThatThrownBy(() ->
            AnswerBatch.answering(() -> {
              say(one, "a");
              throw new IllegalStateException("for the test");
            }))
        .hasMessage("for the test");
    assertThat(done).containsExactly("a");
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Where the evidence that DNS has comes from. */
interface EvidenceSource {
  /** Knows nothing. */
  EvidenceSource NONE =
      new EvidenceSource() {
        @Override
        public CompletableFuture<?> ask(Need need, Inquiry inquiry) {
          return CompletableFuture.completedFuture(
              switch (need) {
                case REVERSE -> Reverse.UNKNOWN;
                case HELO -> HeloFinding.UNKNOWN;
                case SPF -> SpfFinding.UNKNOWN;
                case LISTS -> ListFindings.UNKNOWN;
              });
        }

        @Override
        public void connected(Inquiry.Client client, Inquiry.Session session, Set<Need> needs) {}

        @Override
        public Duration patience(Inquiry inquiry) {
          return Duration.ZERO;
        }

        @Override
        public void waited(Inquiry inquiry, Duration time, boolean inVain) {}
      };

  /** Asks in the background; the future never fails and gives the kind's finding. */
  CompletableFuture<?> ask(Need need, Inquiry inquiry);

  /** Begins to ask what can be asked already. */
  void connected(Inquiry.Client client, Inquiry.Session session, Set<Need> needs);

  /** How long this session may still be kept waiting. */
  Duration patience(Inquiry inquiry);

  /** A session was kept waiting. */
  void waited(Inquiry inquiry, Duration time, boolean inVain);
}

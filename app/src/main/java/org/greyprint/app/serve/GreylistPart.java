// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.greyprint.app.Failure;
import org.greyprint.decision.Decision;
import org.greyprint.decision.DecisionListener;
import org.greyprint.decision.GreylistDesk;
import org.greyprint.decision.GreylistGate;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.greylist.Greylist;
import org.greyprint.greylist.GreylistSettings;
import org.greyprint.greylist.Pools;
import org.greyprint.greylist.Store;
import org.greyprint.greylist.StoreRefused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The greylist as the decisions ask it. Its store is opened in the background, so that the faces
 * listen meanwhile; a question that comes earlier waits for it.
 *
 * <p>A store that cannot be opened is told in one line and tried again; until then mail is
 * delivered.
 */
final class GreylistPart implements GreylistGate, DecisionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GreylistPart.class);

  /** Opens the store. */
  interface Opener {
    Store open() throws IOException;
  }

  private record Opened(Store store, Greylist greylist, GreylistDesk desk) {}

  private final Opener opener;
  private final Clock clock;
  private final String name;
  private volatile GreylistSettings settings;
  private volatile Pools pools;
  private volatile CompletableFuture<Opened> opened = new CompletableFuture<>();
  private volatile String trouble = "";
  private volatile boolean closed;
  private final Thread thread;

  GreylistPart(String name, Opener opener, GreylistSettings settings, Pools pools, Clock clock) {
    this.name = name;
    this.opener = opener;
    this.settings = settings;
    this.pools = pools;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("greylist-opener").start(this::open);
  }

  private void open() {
    while (!closed) {
      try {
        Store store = opener.open();
        Greylist greylist = Greylist.start(settings, pools, store, clock);
        if (!trouble.isEmpty()) {
          LOG.info("store {}: opened, greylisting begins", name);
        }
        trouble = "";
        synchronized (this) {
          if (closed) {
            greylist.close();
            store.close();
            return;
          }
          Opened all = new Opened(store, greylist, new GreylistDesk(greylist));
          opened.complete(all);
          if (opened.isCompletedExceptionally()) {
            opened = CompletableFuture.completedFuture(all);
          }
        }
        return;
      } catch (StoreRefused e) {
        trouble = String.valueOf(e.getMessage());
        opened.completeExceptionally(e);
        return;
      } catch (IOException | RuntimeException | LinkageError e) {
        String line = String.valueOf(e.getMessage());
        if (!line.equals(trouble)) {
          LOG.warn(
              "store {}: {}; mail is delivered without greylisting until it opens", name, line);
        }
        trouble = line;
        opened.completeExceptionally(e);
        if (!rest()) {
          return;
        }
      }
    }
  }

  private boolean rest() {
    try {
      TimeUnit.SECONDS.sleep(1);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Override
  public CompletionStage<Answer> ask(Question question) {
    CompletableFuture<Opened> current = opened;
    if (!current.isDone()) {
      return current.thenCompose(parts -> parts.desk().ask(question));
    }
    return current.isCompletedExceptionally()
        ? CompletableFuture.completedFuture(new Failed("the store is not open: " + trouble))
        : current.join().desk().ask(question);
  }

  /** Our users' own mail tells whom they write to. */
  @Override
  public void decided(Inquiry inquiry, Decision decision) {
    boolean outgoing =
        inquiry.session().authenticated()
            && decision.verdict() instanceof Verdict.Deliver
            && !inquiry.envelope().sender().isEmpty()
            && settings.correspondents().enabled();
    if (!outgoing) {
      return;
    }
    greylist()
        .ifPresent(list ->
            list.wrote(inquiry.envelope().sender(), inquiry.envelope().recipient())
                .whenComplete((nothing, e) -> {
                  if (e != null) {
                    LOG.debug("a correspondent could not be noted", e);
                  }
                }));
  }

  void settings(GreylistSettings replacement, Pools providers) {
    settings = replacement;
    pools = providers;
    greylist()
        .ifPresent(list -> {
          list.settings(replacement);
          list.pools(providers);
        });
  }

  /** The greylist; empty while its store is not open. */
  Optional<Greylist> greylist() {
    return parts().map(Opened::greylist);
  }

  /** Its store; empty while it is not open. */
  Optional<Store> store() {
    return parts().map(Opened::store);
  }

  private Optional<Opened> parts() {
    CompletableFuture<Opened> current = opened;
    return current.isDone() && !current.isCompletedExceptionally()
        ? Optional.of(current.join())
        : Optional.empty();
  }

  /** What is wrong now. */
  Optional<String> trouble() {
    Optional<Greylist> list = greylist();
    return list.isPresent()
        ? list.get().trouble()
        : trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
  }

  /**
   * Waits until the store was opened, or could not be at the first try.
   *
   * @throws Failure if it must not be opened, being of a newer version
   */
  void awaitFirstTry() {
    Optional<Throwable> refused =
        opened
            .handle((parts, e) -> Optional.ofNullable(e))
            .join()
            .filter(StoreRefused.class::isInstance);
    if (refused.isPresent()) {
      throw new Failure("store " + name + ": " + refused.get().getMessage(), refused.get());
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    thread.interrupt();
    try {
      if (!thread.join(Duration.ofSeconds(10))) {
        LOG.warn("store {}: opening it takes long; going on without", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    parts()
        .ifPresent(parts -> {
          parts.greylist().close();
          parts.store().close();
        });
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.greyprint.app.admin.Json;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.config.Units;
import org.greyprint.app.serve.PoolFiles;
import org.greyprint.app.serve.Stores;
import org.greyprint.greylist.Exemption;
import org.greyprint.greylist.Greylist;
import org.greyprint.greylist.Page;
import org.greyprint.greylist.Store;
import org.greyprint.greylist.Triplet;
import org.greyprint.greylist.TripletFilter;

/** The greylist in its store, while no daemon runs. */
final class StoppedGreylist implements GreylistAccess {
  private final Store store;
  private final Greylist greylist;
  private final Clock clock = Clock.systemUTC();

  private StoppedGreylist(Store store, Greylist greylist) {
    this.store = store;
    this.greylist = greylist;
  }

  /**
   * Opens the store.
   *
   * @throws Failure if it cannot be opened, or a daemon without administration has it open
   */
  static StoppedGreylist open(Configuration configuration, boolean change) {
    try {
      Store store =
          change ? Stores.open(configuration.store()) : Stores.openReadOnly(configuration.store());
      Optional<String> trouble = store.trouble();
      if (trouble.isPresent()) {
        store.close();
        throw new Failure(
            "store " + configuration.store() + ": " + trouble.get() + hint(trouble.get()));
      }
      return new StoppedGreylist(
          store,
          Greylist.start(
              configuration.greylist(),
              PoolFiles.read(configuration.poolFiles()),
              store,
              Clock.systemUTC()));
    } catch (IOException e) {
      throw new Failure("store " + configuration.store() + ": " + e.getMessage(), e);
    }
  }

  /** RocksDB names its file LOCK where another process has the store open. */
  private static String hint(String trouble) {
    return trouble.contains("LOCK")
        ? "; another process has it open: a daemon with 'admin: none' cannot be asked; give it an"
            + " address under listen.admin, or stop it"
        : "";
  }

  private static <T> T wait(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new Failure("the store failed: " + cause.getMessage(), e);
    }
  }

  private static <T> Part part(Page<T> page, Function<T, Map<String, Object>> json) {
    return new Part(page.items().stream().map(json).toList(), page.next());
  }

  private static TripletFilter filter(Filter filter) {
    return new TripletFilter(
        given(filter.client()),
        given(filter.sender()),
        given(filter.recipient()),
        given(filter.state())
            .map(word ->
                Arrays.stream(Triplet.State.values())
                    .filter(state -> state.name().toLowerCase(Locale.ROOT).equals(word))
                    .findFirst()
                    .orElseThrow(
                        () -> new Failure("--state is waiting, released or passed, not " + word))));
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  @Override
  public Part triplets(Filter filter, String after, int most) {
    return part(wait(greylist.list(filter(filter), after, most)), Json::triplet);
  }

  @Override
  public Part clients(String after, int most) {
    return part(wait(greylist.clients(after, most)), Json::client);
  }

  @Override
  public Part correspondents(String after, int most) {
    return part(wait(greylist.correspondents(after, most)), Json::correspondent);
  }

  @Override
  public long release(Filter filter, String by) {
    return wait(greylist.release(filter(filter), by));
  }

  @Override
  public long forget(Filter filter) {
    return wait(greylist.forget(filter(filter)));
  }

  @Override
  public List<Map<String, Object>> exceptions() {
    return greylist.exemptions().stream().map(Json::exemption).toList();
  }

  @Override
  public Map<String, Object> allow(
      String kind, String value, String delay, String by, String reason, String lasts) {
    Exemption.Kind known =
        Arrays.stream(Exemption.Kind.values())
            .filter(each -> each.word().equals(kind))
            .findFirst()
            .orElseThrow(() -> new Failure("there is no kind '" + kind + "'"));
    Instant now = clock.instant();
    try {
      return Json.exemption(
          wait(
              greylist.allow(
                  new Exemption(
                      known,
                      value,
                      time(delay),
                      by,
                      now,
                      reason,
                      given(lasts).map(span -> now.plus(time(span)))))));
    } catch (IllegalArgumentException e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    }
  }

  private static Duration time(String text) {
    return Units.duration(text)
        .orElseThrow(() -> new Failure("'" + text + "' is not a time such as 10m or 30d"));
  }

  @Override
  public void remove(String id) {
    if (!wait(greylist.remove(id))) {
      throw new Failure("there is no exception '" + id + "'");
    }
  }

  @Override
  public void close() {
    greylist.close();
    store.close();
  }
}

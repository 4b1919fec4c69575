// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.greyprint.app.Databases;
import org.greyprint.app.Failure;
import org.greyprint.app.Logging;
import org.greyprint.app.admin.AdminServer;
import org.greyprint.app.admin.Managed;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.config.ConfigurationResult;
import org.greyprint.capture.Captures;
import org.greyprint.decision.Decisions;
import org.greyprint.decision.DnsEvidence;
import org.greyprint.decision.Rules;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.greylist.Greylist;
import org.greyprint.greylist.GreylistSettings.AutoAllow;
import org.greyprint.greylist.Pools;
import org.greyprint.greylist.Store;
import org.greyprint.milter.MilterServer;
import org.greyprint.mta.FaceCounters;
import org.greyprint.mta.MilterFilter;
import org.greyprint.mta.P0fService;
import org.greyprint.mta.PolicyService;
import org.greyprint.mta.gateway.Gateway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon: capture, decisions, greylist, journal and the faces, put together from a
 * configuration.
 *
 * <p>What mail can do without (a capture, the store, the journal) is told in one line where it
 * fails, and comes back by itself; mail is delivered meanwhile. What cannot be done without, that
 * is listening where the configuration says, ends the start.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * At the start one line for each place that is listened on. Then those of the parts.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link Configuration}.
 */
public final class Daemon implements Managed, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

  /** In the state's directory: where the administration listens, for the other commands. */
  public static final String ADDRESS_FILE = "admin.address";

  private final Clock clock;
  private final Instant started;
  private final Supplier<ConfigurationResult> source;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Who talks to others; what they use is in {@link #open}. */
  private final List<AutoCloseable> faces = new ArrayList<>();

  private volatile Configuration configuration;
  private volatile Fingerprinter fingerprinter;
  private final Captures captures;
  private final GreylistPart greylist;
  private final JournalPart journal;
  private final Optional<DnsEvidence> dns;
  private final Families families = new Families();
  private final Decisions decisions;
  private final FaceCounters milterCounters = new FaceCounters();
  private final FaceCounters policyCounters = new FaceCounters();
  private final Parts parts;
  private volatile Optional<AdminServer> admin = Optional.empty();

  /**
   * Starts everything.
   *
   * @param source reads the configuration again, for reloading; throws {@link Failure} if it cannot
   *     be read
   * @throws Failure if the signatures cannot be read, or somewhere cannot be listened; nothing runs
   *     then
   */
  public static Daemon start(
      Configuration configuration, Supplier<ConfigurationResult> source, Clock clock) {
    return new Daemon(configuration, source, clock);
  }

  private Daemon(Configuration configuration, Supplier<ConfigurationResult> source, Clock clock) {
    this.configuration = configuration;
    this.source = source;
    this.clock = clock;
    this.started = clock.instant();
    Logging.level(configuration.log().level().name());
    this.fingerprinter = Databases.fingerprinter(configuration.signatures());
    boolean whole = false;
    try {
      Optional<CompletableFuture<AdminServer>> preparing = prepareAdmin(configuration);
      greylist =
          opened(
              new GreylistPart(
                  configuration.store(),
                  () -> Stores.open(configuration.store()),
                  configuration.greylist(),
                  PoolFiles.read(configuration.poolFiles()),
                  clock));
      journal = opened(new JournalPart(configuration.journal(), clock));
      captures = opened(captures(configuration));
      dns = configuration.dns().map(DnsEvidence::over);
      decisions = decisions(configuration);
      parts =
          new Parts(
              captures,
              greylist,
              journal,
              dns,
              decisions,
              families,
              gateway(configuration),
              milter(configuration),
              milterCounters,
              policy(configuration),
              policyCounters,
              p0f(configuration));
      admin = admin(configuration, preparing);
      greylist.awaitFirstTry();
      whole = true;
    } finally {
      if (!whole) {
        close();
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.push(part);
    return part;
  }

  private <T extends AutoCloseable> T facing(T face) {
    faces.add(face);
    return face;
  }

  private Captures captures(Configuration from) {
    Captures.Builder builder =
        Captures.builder(fingerprinter::read)
            .capacity(from.clients().capacity())
            .maxAge(from.clients().maxAge())
            .clock(clock);
    for (Configuration.Capture capture : from.captures()) {
      switch (capture) {
        case Configuration.Capture.Interface each ->
            builder.networkInterface(each.name(), each.ports());
        case Configuration.Capture.P0f each -> builder.p0f(each.socket());
      }
    }
    return builder.start();
  }

  private Decisions decisions(Configuration from) {
    Decisions.Builder builder =
        Decisions.builder()
            .rules(from.rules())
            .greylist(greylist)
            .clock(clock)
            .observe(from.observe())
            .idHeader(from.idHeader())
            .marksHeader(from.marksHeader())
            .listener(journal)
            .listener(families)
            .listener(greylist);
    from.gateway().ifPresent(each -> builder.listenerRules(each.rules()));
    dns.ifPresent(evidence -> builder.evidence(evidence).spfForGreylist(wantsSpf(from)));
    return builder.build();
  }

  private static boolean wantsSpf(Configuration from) {
    return from.greylist().pools().spf()
        || from.greylist().correspondents().enabled()
        || from.greylist().autoAllow().scope() != AutoAllow.Scope.NETWORK;
  }

  private Optional<Gateway> gateway(Configuration from) {
    if (from.gateway().isEmpty()) {
      return Optional.empty();
    }
    try {
      Gateway started =
          Gateway.start(from.gateway().get().settings(), decisions, this::savedSyn, clock);
      faces.add(() -> {
        drain(started, from.gateway().get().settings().timeouts().drain());
        started.close();
      });
      return Optional.of(started);
    } catch (IOException e) {
      throw Cures.failure(e, "listen.gateway");
    }
  }

  /** A SYN that the kernel kept for the gateway; others may ask for it too. */
  private Optional<Fingerprint> savedSyn(byte[] packet) {
    Optional<Fingerprint> fingerprint = fingerprinter.read(packet, 0, packet.length);
    fingerprint.ifPresent(seen -> {
      captures.table().add(packet, 0, packet.length, clock.millis() * 1_000_000);
      captures.table().unknowns().count(seen);
    });
    return fingerprint;
  }

  private Optional<MilterServer> milter(Configuration from) {
    if (from.milter().endpoints().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          facing(
              MilterServer.start(
                  from.milter().endpoints(),
                  from.milter().settings(),
                  MilterFilter.WISHES,
                  MilterFilter.factory(decisions, captures, clock, from.face(), milterCounters))));
    } catch (IOException e) {
      throw Cures.failure(e, "listen.milter");
    }
  }

  private Optional<PolicyService> policy(Configuration from) {
    if (from.policy().endpoints().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          facing(
              PolicyService.start(
                  from.policy().endpoints(),
                  from.policy().settings(),
                  decisions,
                  captures,
                  clock,
                  from.face(),
                  policyCounters)));
    } catch (IOException e) {
      throw Cures.failure(e, "listen.policy");
    }
  }

  private Optional<P0fService> p0f(Configuration from) {
    if (from.p0f().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(facing(P0fService.start(from.p0f(), captures.table()::history)));
    } catch (IOException e) {
      throw Cures.failure(e, "listen.p0f");
    }
  }

  /** Made meanwhile, on the other core; it answers nothing before all else is there. */
  private Optional<CompletableFuture<AdminServer>> prepareAdmin(Configuration from) {
    return from.admin()
        .address()
        .map(address ->
            CompletableFuture.supplyAsync(
                () -> AdminServer.prepare(address, from.admin().tokenFile(), this, clock),
                task -> Thread.ofPlatform().daemon().name("admin-preparer").start(task)));
  }

  private Optional<AdminServer> admin(
      Configuration from, Optional<CompletableFuture<AdminServer>> prepared) {
    if (prepared.isEmpty()) {
      return Optional.empty();
    }
    AdminServer server = prepared.get().join();
    try {
      server.listen();
    } catch (IOException e) {
      throw Cures.failure(e, "listen.admin");
    }
    faces.add(server);
    Path file = from.state().resolve(ADDRESS_FILE);
    try {
      Files.createDirectories(from.state());
      Files.writeString(file, Banner.text(server.address()) + "\n");
      faces.add(() -> Files.deleteIfExists(file));
    } catch (IOException e) {
      LOG.warn("state: {} cannot be written: {}", file, e.toString());
    }
    return Optional.of(server);
  }

  @Override
  public Configuration configuration() {
    return configuration;
  }

  @Override
  public Instant started() {
    return started;
  }

  @Override
  public Captures captures() {
    return captures;
  }

  @Override
  public Rules rules() {
    return decisions.rules();
  }

  @Override
  public Optional<Greylist> greylist() {
    return greylist.greylist();
  }

  @Override
  public List<String> banner() {
    return Banner.of(parts, configuration, admin.map(AdminServer::address));
  }

  @Override
  public List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    captures.statuses().stream()
        .filter(status -> !status.up())
        .forEach(status -> troubles.add(status.line()));
    greylist.trouble().ifPresent(line -> troubles.add("store: " + line));
    journal.trouble().ifPresent(line -> troubles.add("journal: " + line));
    return troubles;
  }

  @Override
  public MetricSnapshots metrics() {
    return Metrics.of(parts, started, troubles());
  }

  @Override
  public void backup(OutputStream to) throws IOException {
    Store store = greylist.store().orElseThrow(() -> new IOException("the store is not open"));
    Backup.write(to, configuration, store);
  }

  /** Runs until SIGTERM or SIGINT comes, and ends in order; reloads at SIGHUP. */
  public void run() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    Signals.on("TERM", end::countDown);
    Signals.on("INT", end::countDown);
    Signals.on("HUP", this::reload);
    Notify.say("READY=1");
    end.await();
    LOG.info("ending: sessions under way come to their end");
    Notify.say("STOPPING=1");
    close();
  }

  /**
   * Reads signatures, rules, the mode, the greylist's settings and certificates again; whatever has
   * a mistake leaves everything as it was. Nothing under way is disturbed.
   *
   * @return whether it was taken over
   */
  @Override
  public synchronized boolean reload() {
    try {
      return switch (source.get()) {
        case Configuration fresh -> {
          take(
              fresh,
              Databases.fingerprinter(fresh.signatures()),
              PoolFiles.read(fresh.poolFiles()));
          yield true;
        }
        case ConfigurationResult.Faulty faulty -> {
          faulty.problems().forEach(problem -> LOG.warn("{}", problem));
          LOG.warn("not reloaded: the former configuration stays in use");
          yield false;
        }
      };
    } catch (RuntimeException e) {
      LOG.warn(
          "not reloaded: {}: the former configuration stays in use",
          e instanceof Failure ? e.getMessage() : e.toString());
      return false;
    }
  }

  private void take(Configuration fresh, Fingerprinter signatures, Pools pools) {
    List<String> later = Changes.needRestart(configuration, fresh);
    fingerprinter = signatures;
    captures.reader(signatures::read);
    decisions.rules(
        fresh.rules(), fresh.gateway().map(Configuration.Gateway::rules).orElse(Map.of()));
    decisions.observe(fresh.observe());
    greylist.settings(fresh.greylist(), pools);
    parts.gateway().ifPresent(Gateway::reloadCertificates);
    Logging.level(fresh.log().level().name());
    configuration = fresh;
    LOG.info("reloaded: signatures, rules, mode, greylist, certificates, log level");
    if (!later.isEmpty()) {
      LOG.warn("changed, but taken over only by a restart: {}", String.join(", ", later));
    }
  }

  /**
   * Ends it in order: no new work, what is under way comes to its end at all faces at once, all is
   * written.
   */
  @Override
  public void close() {
    try (ExecutorService together = Executors.newVirtualThreadPerTaskExecutor()) {
      faces.forEach(face -> together.execute(() -> close(face)));
    }
    faces.clear();
    while (!open.isEmpty()) {
      close(open.pop());
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("{} could not be closed", part.getClass().getSimpleName(), e);
    }
  }

  private static void drain(Gateway part, Duration limit) {
    try {
      part.drain().toCompletableFuture().get(limit.toMillis() + 2000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("sessions were cut off: {}", e.toString());
    }
  }
}

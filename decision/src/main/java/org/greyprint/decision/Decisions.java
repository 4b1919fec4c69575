// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by rules over the evidence: the fingerprint, the session, the envelope, DNS.
 *
 * <p>The rules are asked in their order. The first one that matches decides; {@code mark} adds a
 * header or points and goes on, and so does a rule with {@code observe}, which only records what it
 * would have done. Where no rule matches, the mail is delivered.
 *
 * <p>DNS is asked in the background, only for what the rules use, and a rule waits for it only
 * where its outcome hangs on it. What DNS does not answer in time stays unknown, and a rule whose
 * outcome hangs on that is taken for the sender: {@code deliver} matches, anything else does not.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * One log line (INFO) a decision with its id. What fails delivers, is counted ({@link #counts()})
 * and logged (WARN) the first time: a rule that fails while it runs is treated as not matching, a
 * greylist that cannot tell delivers, a listener that throws is left alone.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link Builder#rules} (built-in ones), {@link Builder#listenerRules} (none), {@link
 * Builder#greylist} (none: every greylist action delivers and is counted), {@link Builder#evidence}
 * (none: DNS is unknown), {@link Builder#observe} (false), {@link Builder#idHeader} (none), {@link
 * Builder#marksHeader} (X-Greyprint-Mark), {@link Builder#spfForGreylist} (false).
 */
public final class Decisions implements Decider {
  private static final Logger LOG = LoggerFactory.getLogger(Decisions.class);

  final DecisionCounts counts = new DecisionCounts();
  final GreylistGate gate;
  final EvidenceSource evidence;
  final InstantSource clock;
  final DecisionIds ids;
  final Optional<String> idHeader;
  final Optional<String> marksHeader;
  final boolean spfForGreylist;
  private final List<DecisionListener> listeners;
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile Sets rules;
  private volatile boolean observe;

  private Decisions(Builder builder) {
    this.gate = builder.gate;
    this.evidence = builder.evidence;
    this.clock = builder.clock;
    this.ids = new DecisionIds(builder.clock);
    this.idHeader = builder.idHeader;
    this.marksHeader = builder.marksHeader;
    this.spfForGreylist = builder.spfForGreylist;
    this.listeners = new CopyOnWriteArrayList<>(builder.listeners);
    this.rules =
        new Sets(builder.rules == null ? Rules.builtIn() : builder.rules, builder.byListener);
    this.observe = builder.observe;
  }

  /** Everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public CompletionStage<Decision> decide(Inquiry inquiry) {
    CompletableFuture<Decision> promise = new CompletableFuture<>();
    new Deciding(this, rules.of(inquiry), observe, inquiry, promise).begin();
    return promise;
  }

  @Override
  public void connected(Inquiry.Client client, Inquiry.Session session) {
    Set<Need> needs = rules.needs();
    if (client.loopback() || needs.isEmpty()) {
      return;
    }
    try {
      evidence.connected(client, session, needs);
    } catch (RuntimeException e) {
      counts.failures.increment();
      once("connected", "evidence cannot be gathered, decisions go on without it", e);
    }
  }

  /** Replaces the rules; decisions that are under way end with the old ones. */
  public void rules(Rules replacement) {
    rules(replacement, Map.of());
  }

  /**
   * Replaces the rules, those of listeners that have their own too.
   *
   * @param byListener rules by {@code gateway.listener}
   */
  public void rules(Rules replacement, Map<String, Rules> byListener) {
    rules = new Sets(Objects.requireNonNull(replacement), byListener);
  }

  /** The rules that hold now where a listener has none of its own. */
  public Rules rules() {
    return rules.common();
  }

  /** The rules of all, and of the listeners that have their own. */
  private record Sets(Rules common, Map<String, Rules> byListener, Set<Need> needs) {
    Sets(Rules common, Map<String, Rules> byListener) {
      this(common, Map.copyOf(byListener), needs(common, byListener));
    }

    private static Set<Need> needs(Rules common, Map<String, Rules> byListener) {
      Set<Need> all = EnumSet.noneOf(Need.class);
      all.addAll(common.needs());
      byListener.values().forEach(own -> all.addAll(own.needs()));
      return all;
    }

    Rules of(Inquiry inquiry) {
      return byListener.isEmpty()
              || !(inquiry.extra().get("gateway.listener") instanceof String listener)
          ? common
          : byListener.getOrDefault(listener, common);
    }
  }

  /** Switches between enforcing and only recording. */
  public void observe(boolean on) {
    observe = on;
  }

  /** Whether decisions are only recorded. */
  public boolean observing() {
    return observe;
  }

  /** What was counted since the start. */
  public DecisionCounts counts() {
    return counts;
  }

  /** Adds a listener. */
  public void listen(DecisionListener listener) {
    listeners.add(listener);
  }

  /** Tells listeners and log; never fails. */
  void tell(Inquiry inquiry, Decision decision) {
    for (DecisionListener listener : listeners) {
      try {
        listener.decided(inquiry, decision);
      } catch (RuntimeException e) {
        counts.listenerFailures.increment();
        once("listener " + listener.getClass(), "a listener of decisions failed", e);
      }
    }
    if (LOG.isInfoEnabled()) {
      // Put together here: the logger would look through the text for each of its places.
      LOG.info(
          decision.id()
              + ": "
              + address(inquiry, decision)
              + ":"
              + inquiry.client().port()
              + " from=<"
              + inquiry.envelope().sender()
              + "> to=<"
              + inquiry.envelope().recipient()
              + "> os=\""
              + inquiry.fingerprint().map(f -> f.os().label()).orElse("UNKNOWN")
              + "\": "
              + Deciding.word(decision.verdict())
              + ", "
              + decision.reason());
    }
  }

  /** The client's address as it was already written for the journal. */
  private static String address(Inquiry inquiry, Decision decision) {
    return decision.evidence().get("client.address") instanceof String written
        ? written
        : inquiry.client().address().getHostAddress();
  }

  /** Logs a kind of failure the first time it happens. */
  void once(String kind, String message, @Nullable Throwable cause) {
    if (told.size() < 1000 && told.add(kind)) {
      LOG.warn("{} (logged once, counted from now on)", message, cause);
    }
  }

  /** How decisions are made; each setting has its default. */
  public static final class Builder {
    private GreylistGate gate =
        question ->
            CompletableFuture.completedFuture(new GreylistGate.Failed("there is no greylist"));
    private EvidenceSource evidence = EvidenceSource.NONE;
    private InstantSource clock = Clock.systemUTC();
    private Optional<String> idHeader = Optional.empty();
    private Optional<String> marksHeader = Optional.of("X-Greyprint-Mark");
    private boolean spfForGreylist;
    private final List<DecisionListener> listeners = new ArrayList<>();
    private @Nullable Rules rules;
    private Map<String, Rules> byListener = Map.of();
    private boolean observe;

    private Builder() {}

    /** The rules; without this call the built-in ones. */
    public Builder rules(Rules compiled) {
      this.rules = compiled;
      return this;
    }

    /** The rules of listeners that have their own, by {@code gateway.listener}. */
    public Builder listenerRules(Map<String, Rules> compiled) {
      this.byListener = compiled;
      return this;
    }

    /** What the greylist action asks. */
    public Builder greylist(GreylistGate greylist) {
      this.gate = greylist;
      return this;
    }

    /** Where time comes from. */
    public Builder clock(InstantSource source) {
      this.clock = source;
      return this;
    }

    /** Whether to decide and record only, and deliver everything. */
    public Builder observe(boolean on) {
      this.observe = on;
      return this;
    }

    /** The name of a header field that gets the decision's id, or none. */
    public Builder idHeader(Optional<String> name) {
      this.idHeader = name;
      return this;
    }

    /** The name of the header field that tells points given by mark rules, or none. */
    public Builder marksHeader(Optional<String> name) {
      this.marksHeader = name;
      return this;
    }

    /** Whether the greylist wants to know SPF (pools, sender lists). */
    public Builder spfForGreylist(boolean wanted) {
      this.spfForGreylist = wanted;
      return this;
    }

    /** Who is told of decisions. */
    public Builder listener(DecisionListener listener) {
      this.listeners.add(listener);
      return this;
    }

    /** Where evidence from DNS comes from; only what the rules use is asked. */
    public Builder evidence(DnsEvidence source) {
      this.evidence = source;
      return this;
    }

    public Decisions build() {
      return new Decisions(this);
    }
  }
}

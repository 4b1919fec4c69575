// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a MySQL or MariaDB master with its replicas to a new host.
 *
 * <p>{@link #plan} looks and changes nothing. {@link #go} does it: the new host gets a copy and
 * follows; everything is compared; writes are refused on the old master until the new one has the
 * last of them; the new one takes writes; replicas follow it; everything is compared again. {@link
 * #back} is the same the other way, without a copy.
 *
 * <p>DIAGNOSTICS. A {@link MoveFailure} is one line that names server, cause and cure. Before the
 * new master takes writes (the point of no return) a failure rolls back: the old master is writable
 * and its replicas are attached, and the message says so. After it the message says what is left
 * and the same command goes on. Every statement is in the log beside the journal, passwords masked.
 *
 * <p>CONFIGURATION is {@link MoveSettings}: addresses, replicas, databases, method, access,
 * journal.
 */
public final class Move {
  private static final Logger LOG = LoggerFactory.getLogger(Move.class);

  /** Told where the move is; for tests, which end it there. */
  @FunctionalInterface
  public interface Hook {
    void at(String place);
  }

  /**
   * How it ended well.
   *
   * @param refused how long writes were refused; empty where an earlier run had opened already
   */
  public record Outcome(String message, Optional<Duration> refused) {}

  private final MoveSettings settings;
  private final Progress progress;
  private final Hook hook;

  /** A move that shows its progress. */
  public Move(MoveSettings settings, Progress progress) {
    this(settings, progress, place -> {});
  }

  /** The same, with a hook at each step. */
  public Move(MoveSettings settings, Progress progress, Hook hook) {
    this.settings = settings;
    this.progress = progress;
    this.hook = hook;
  }

  /** Whether a journal beside says that a move was begun and has not ended. */
  public static boolean underWay(Path journal) {
    List<Journal.Entry> entries = Journal.current(Journal.read(journal));
    return Steps.underWay(entries);
  }

  /**
   * The plan and every check; changes nothing, writes no file.
   *
   * @throws MoveFailure if the old master or the new host cannot be asked at all
   */
  public Plan plan() {
    earlier(Journal.read(settings.journal()));
    StatementLog log = (server, statement, took, result) -> LOG.debug("{}: {}", server, statement);
    try (Topology servers = discover(log, new ArrayList<>())) {
      return plan(servers, discovered);
    }
  }

  private List<Finding> discovered = List.of();
  private List<Journal.Entry> records = List.of();
  private RolledBack before = RolledBack.NONE;

  /** What the journal has of moves before this one. */
  private void earlier(List<Journal.Entry> entries) {
    records = List.copyOf(entries);
    before = RolledBack.of(Journal.current(records), settings);
  }

  private Topology discover(StatementLog log, List<Finding> problems) {
    Server from = Server.connect(settings.from(), settings.access(), log);
    Server to = Server.connect(settings.to(), settings.access(), log);
    for (Server server : List.of(from, to)) {
      List<String> missing = Privileges.missing(server);
      if (!missing.isEmpty()) {
        // Without them even the looking fails.
        throw new MoveFailure(
            "refused, nothing was changed: " + Preflight.lacks(server, missing).toString());
      }
    }
    List<Address> given =
        (settings.replicas().isEmpty() ? before.replicas() : settings.replicas())
            .stream().filter(a -> !a.place().equals(to.address().place())).toList();
    Topology servers = Topology.find(from, to, given, settings.access(), log, problems);
    discovered = problems;
    return servers;
  }

  /** Whether the new host follows the old master already, so that nothing need be copied. */
  private boolean seeded(Topology servers) {
    ReplicaStatus status = servers.to().status().orElse(null);
    if (status == null
        || status.sourceServerId() != servers.from().serverId()
        || servers.to().serverId() == servers.from().serverId()) {
      return false;
    }
    // The copy of a move that was rolled back is made anew where it cannot go on; and where it
    // follows by file and position, as a killed one may have lost a row then without an error.
    boolean spoilt = !status.gtid() || status.applierErrno() != 0;
    return before.schemas().isEmpty() || !spoilt;
  }

  private Plan plan(Topology servers, List<Finding> problems) {
    List<String> schemas = new ArrayList<>(settings.databases());
    if (schemas.isEmpty()) {
      schemas.addAll(servers.from().schemas());
      schemas.remove(Token.SCHEMA);
    }
    boolean seeded = seeded(servers);
    List<Finding> findings = new ArrayList<>(problems);
    Optional<Finding> written = before.written(records, servers);
    written.ifPresent(findings::add);
    Set<String> ours = written.isPresent() ? Set.of() : before.schemas();
    findings.addAll(new Preflight(settings, servers, seeded, ours).check(schemas));
    Plan.Choice choice = Plan.choose(settings, servers, schemas, seeded);
    findings.addAll(choice.findings());
    return new Plan(
        choice.method(),
        choice.reason(),
        choice.copy(),
        List.copyOf(schemas),
        Preflight.size(servers.from(), schemas),
        servers.replicas().stream()
            .map(r -> r.server().address() + " (follows " + r.parent().address().place() + ")")
            .toList(),
        List.copyOf(findings),
        new PlanText(settings, servers, choice, schemas).steps());
  }

  private Context context(
      Topology servers,
      MoveSettings.Method method,
      Plan.CopyWay copy,
      List<String> schemas,
      boolean back,
      Journal journal) {
    return new Context(
        settings, servers, method, copy, List.copyOf(schemas), back, journal, progress, hook);
  }

  /**
   * Does it, or goes on where the journal says an earlier run ended.
   *
   * @param confirmed asked with the plan before anything is changed; not where it goes on
   * @throws MoveFailure if it was refused or failed; the message says what state things are in
   */
  public Outcome go(Predicate<Plan> confirmed) {
    return locked(false, confirmed);
  }

  /** The same without a question. */
  public Outcome go() {
    return go(plan -> true);
  }

  /**
   * Returns to the old master: rolls back a move that has not opened the new one, else moves back.
   *
   * @throws MoveFailure as {@link #go}
   */
  public Outcome back() {
    return locked(true, plan -> true);
  }

  private Outcome locked(boolean back, Predicate<Plan> confirmed) {
    try (Journal journal = Journal.open(settings.journal(), settings.clock());
        FileStatementLog log =
            new FileStatementLog(Path.of(settings.journal() + ".log"), settings.clock())) {
      // Option files with passwords that a killed run left behind.
      Copy.sweep(settings.journal());
      return back ? goBack(journal, log) : goOn(journal, log, confirmed);
    }
  }

  private Outcome goOn(Journal journal, StatementLog log, Predicate<Plan> confirmed) {
    if (Steps.underWay(journal.current())) {
      if (begunBack(journal)) {
        throw new MoveFailure(
            settings.journal() + ": a return to " + settings.from() + " is under way: --back");
      }
      try (Topology servers = recorded(journal, log)) {
        Context move = resumed(servers, journal);
        Steps steps = new Steps(move);
        if (journal.last("rolling-back").isPresent() && !steps.opened()) {
          steps.rollBack("the roll-back of an earlier run was finished");
        } else {
          progress.note("going on with " + settings.journal());
          return steps.run();
        }
      }
    }
    if (finished(journal, false)) {
      return new Outcome(
          settings.to()
              + " is the master: this move was done before ("
              + settings.journal()
              + "); --back returns, another move takes another --journal",
          Optional.empty());
    }
    earlier(journal.all());
    List<Finding> problems = new ArrayList<>();
    try (Topology servers = discover(log, problems)) {
      Plan plan = plan(servers, problems);
      if (plan.refused()) {
        throw new MoveFailure(
            "refused, nothing was changed: "
                + MoveFailure.join(
                    plan.findings().stream()
                        .filter(Finding::refused)
                        .map(Finding::toString)
                        .toList()));
      }
      if (!confirmed.test(plan)) {
        throw new MoveFailure("not confirmed, nothing was changed");
      }
      begin(journal, servers, plan.method(), plan.copy(), plan.schemas(), false, Map.of());
      return new Steps(context(servers, plan.method(), plan.copy(), plan.schemas(), false, journal))
          .run();
    }
  }

  private static boolean finished(Journal journal, boolean back) {
    return journal.last("finished").isPresent() && begunBack(journal) == back;
  }

  private static boolean begunBack(Journal journal) {
    return journal.last("begin").map(b -> b.value("back").equals("true")).orElse(false);
  }

  private Outcome goBack(Journal journal, StatementLog log) {
    if (journal.last("begin").isEmpty()) {
      throw new MoveFailure(
          settings.journal() + ": no move to return from; " + settings.from() + " is the master");
    }
    if (journal.last("rolled-back").isPresent()) {
      return new Outcome(
          settings.from() + " is the master: the move was rolled back before", Optional.empty());
    }
    boolean wasBack = begunBack(journal);
    if (Steps.underWay(journal.current())) {
      try (Topology servers = recorded(journal, log)) {
        Steps steps = new Steps(resumed(servers, journal));
        if (wasBack && journal.last("rolling-back").isPresent() && !steps.opened()) {
          steps.rollBack("the roll-back of an earlier run was finished");
          return turnAround(journal, log);
        }
        if (wasBack) {
          return steps.run();
        }
        if (!steps.opened()) {
          steps.rollBack("as asked for");
          return new Outcome(settings.from() + " is the master as before", Optional.empty());
        }
        progress.note("the move is past its point of no return: it is finished first");
        steps.run();
      }
    }
    if (finished(journal, true)) {
      return new Outcome(settings.from() + " is the master: returned before", Optional.empty());
    }
    return turnAround(journal, log);
  }

  /** The finished move the other way: the hosts change places, nothing is copied. */
  private Outcome turnAround(Journal journal, StatementLog log) {
    Journal.Entry begun = journal.last("begin").orElseThrow();
    Map<String, String> extra = new HashMap<>();
    journal
        .last("opening")
        .ifPresent(entry -> {
          extra.put("start-gtid", entry.value("gtid"));
          extra.put("start-file", entry.value("file"));
          extra.put("start-offset", entry.value("offset"));
          extra.put("end", entry.value("end"));
        });
    MoveSettings.Method method = MoveSettings.Method.valueOf(begun.value("method"));
    List<String> schemas = split(begun.value("schemas"));
    try (Topology forward = recorded(journal, log)) {
      Server old = forward.from();
      if (!old.answers()) {
        throw new MoveFailure(
            old
                + ": does not answer; start it, best with read_only in its configuration, then"
                + " --back again");
      }
      old.link().run(old.dialect().refuseWrites());
      List<Topology.Replica> replicas =
          forward.replicas().stream()
              .map(r -> r.parent() == old ? new Topology.Replica(r.server(), forward.to()) : r)
              .toList();
      Topology reverse = new Topology(forward.to(), old, replicas);
      if (old.status().isEmpty()) {
        Completion.strayed(old, extra.getOrDefault("end", ""))
            .ifPresent(now -> {
              throw new MoveFailure(
                  old
                      + ": took writes since the move (it is at "
                      + now
                      + "): errant transactions; it cannot be returned to as it is");
            });
      }
      begin(journal, reverse, method, Plan.CopyWay.NONE, schemas, true, extra);
      if (!extra.getOrDefault("start-file", "").isEmpty()) {
        journal.write(
            "start",
            Map.of(
                "gtid", extra.getOrDefault("start-gtid", ""),
                "file", extra.getOrDefault("start-file", ""),
                "offset", extra.getOrDefault("start-offset", "0")));
      }
      return new Steps(context(reverse, method, Plan.CopyWay.NONE, schemas, true, journal)).run();
    }
  }

  private void begin(
      Journal journal,
      Topology servers,
      MoveSettings.Method method,
      Plan.CopyWay copy,
      List<String> schemas,
      boolean back,
      Map<String, String> extra) {
    Map<String, String> values = new HashMap<>(extra);
    values.put("from", servers.from().address().toString());
    values.put("to", servers.to().address().toString());
    values.put("method", method.name());
    values.put("copy", copy.name());
    values.put("schemas", String.join("\n", schemas));
    values.put("back", "" + back);
    values.put(
        "replicas",
        String.join(
            "\n",
            servers.replicas().stream()
                .map(r -> r.server().address() + " " + r.parent().address())
                .toList()));
    journal.write("begin", values);
    hook.at("begin");
  }

  static List<String> split(String lines) {
    return lines.isEmpty() ? List.of() : List.of(lines.split("\n"));
  }

  /** The servers as the journal names them; each is connected to when it is asked. */
  private Topology recorded(Journal journal, StatementLog log) {
    Journal.Entry begun = journal.last("begin").orElseThrow();
    boolean back = begun.value("back").equals("true");
    Address from = address(begun.value("from"));
    Address to = address(begun.value("to"));
    Address givenFrom = back ? settings.to() : settings.from();
    Address givenTo = back ? settings.from() : settings.to();
    if (!from.place().equals(givenFrom.place()) || !to.place().equals(givenTo.place())) {
      throw new MoveFailure(
          settings.journal()
              + ": is of a move from "
              + from
              + " to "
              + to
              + "; take another --journal, or the same servers");
    }
    Map<String, Server> servers = new HashMap<>();
    Server fromServer = new Server(from, settings.access(), log);
    Server toServer = new Server(to, settings.access(), log);
    servers.put(from.toString(), fromServer);
    servers.put(to.toString(), toServer);
    List<Topology.Replica> replicas = new ArrayList<>();
    for (String line : split(begun.value("replicas"))) {
      String[] parts = line.split(" ");
      Server server = new Server(address(parts[0]), settings.access(), log);
      servers.put(parts[0], server);
      Server parent = servers.get(parts[1]);
      replicas.add(new Topology.Replica(server, parent == null ? fromServer : parent));
    }
    return new Topology(fromServer, toServer, replicas);
  }

  static Address address(String text) {
    return Address.parse(text)
        .orElseThrow(() -> new MoveFailure("the journal names no server: '" + text + "'"));
  }

  private Context resumed(Topology servers, Journal journal) {
    Journal.Entry begun = journal.last("begin").orElseThrow();
    return context(
        servers,
        MoveSettings.Method.valueOf(begun.value("method")),
        Plan.CopyWay.valueOf(begun.value("copy")),
        split(begun.value("schemas")),
        begun.value("back").equals("true"),
        journal);
  }
}

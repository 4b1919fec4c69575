// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The steps of a move with the statements each sends; what is not known yet is in brackets. */
final class PlanText {
  private static final Position END = new Position("<gtid>", "<file>", 0);

  private final MoveSettings settings;
  private final Topology servers;
  private final Plan.Choice choice;
  private final List<String> schemas;

  PlanText(MoveSettings settings, Topology servers, Plan.Choice choice, List<String> schemas) {
    this.settings = settings;
    this.servers = servers;
    this.choice = choice;
    this.schemas = schemas;
  }

  private boolean gtid() {
    return choice.method() == MoveSettings.Method.GTID;
  }

  private static Plan.Step step(String name, String what, Server server, List<Sql> statements) {
    return new Plan.Step(
        name,
        what,
        statements.stream()
            .map(s -> server.address().place() + "> " + s.masked())
            .map(s -> s.replaceFirst("(_LOG_POS=)0\\b", "$1<position>"))
            .toList());
  }

  private Source source(Server master, boolean login, boolean demote) {
    Optional<Source.Login> account =
        login
            ? Plan.replicationUser(settings.access(), servers)
                .map(user -> new Source.Login(user, "secret"))
            : Optional.empty();
    return new Source(
        master.address(),
        master.serverId(),
        account,
        gtid() ? Optional.empty() : Optional.of(END),
        demote,
        settings.access().tls());
  }

  List<Plan.Step> steps() {
    Server from = servers.from();
    Server to = servers.to();
    Dialect old = from.dialect();
    Dialect fresh = to.dialect();
    boolean online = choice.copy() == Plan.CopyWay.ONLINE;
    boolean fenced = choice.copy() == Plan.CopyWay.FENCED;
    List<Plan.Step> steps = new ArrayList<>();
    List<Sql> close = new ArrayList<>(fresh.refuseWrites());
    close.add(Sql.of("SET GLOBAL event_scheduler=OFF"));
    steps.add(step("close-new", "nothing writes to the new host", to, close));
    if (online) {
      copy(steps);
    }
    place(steps);
    if (!fenced) {
      steps.add(
          step(
              "follow",
              "the new host follows the old master and catches up",
              to,
              choice.copy() == Plan.CopyWay.NONE
                  ? List.of()
                  : List.of(fresh.follow(source(from, true, false)), fresh.startReplica())));
    }
    steps.add(
        step(
            "token",
            "a row written on the old master arrives everywhere",
            from,
            Token.statements("<value>")));
    if (!fenced) {
      compare(steps, "compare-before", from, to);
    }
    steps.add(
        step(
            "ready",
            "nothing long runs, every replica is well and near the end",
            from,
            List.of(Sql.of("SET GLOBAL event_scheduler=OFF"))));
    steps.add(step("fence", "writes are refused from here", from, old.fence()));
    if (fenced) {
      copy(steps);
    }
    List<Sql> detach = new ArrayList<>();
    if (!fenced) {
      detach.add(fresh.stopReplica());
      detach.add(fresh.forget());
    }
    if (!gtid() && to.version().mariaDb()) {
      detach.addAll(fresh.seed(END, ""));
    }
    steps.add(step("detach", "it follows no more; its position is noted", to, detach));
    if (!gtid()) {
      steps.add(step("shut-down", "the old master ends", from, List.of(Sql.of("SHUTDOWN"))));
    }
    steps.add(
        step(
            "open",
            "the new master takes writes: no way back from here but --back",
            to,
            fresh.allowWrites()));
    List<Sql> events =
        List.of(
            Sql.of("SET sql_log_bin=0"),
            Sql.of("ALTER DEFINER=<definer> EVENT <event> ENABLE"),
            Sql.of("SET GLOBAL event_scheduler=ON"));
    steps.add(step("events", "events run on the new master", to, events));
    for (Server replica : servers.direct()) {
      Dialect words = replica.dialect();
      steps.add(
          step(
              "repoint " + replica.address().place(),
              "it follows the new master",
              replica,
              List.of(
                  words.stopReplica(),
                  words.follow(source(to, false, false)),
                  words.startReplica())));
    }
    if (gtid()) {
      if (!old.releaseSession().isEmpty()) {
        steps.add(
            step(
                "release",
                "the old master's lock goes; what waited for that to write is ended",
                from,
                List.of(Sql.of("KILL <session>"))));
      }
      List<Sql> demote = new ArrayList<>(old.refuseWrites());
      demote.add(Sql.of("ALTER DEFINER=<definer> EVENT <event> " + old.disabledOnReplica()));
      demote.addAll(old.holdWrites());
      demote.add(old.follow(source(to, true, true)));
      demote.add(old.startReplica());
      steps.add(step("demote", "the old master follows, read-only", from, demote));
    } else {
      steps.add(
          step(
              "stay-down",
              "where the old master has been started again it is made read-only",
              from,
              old.refuseWrites()));
    }
    steps.add(
        step(
            "verify",
            "threads, states, hosts, errors; a row written arrives everywhere",
            to,
            Token.statements("<value>")));
    compare(steps, "compare-after", to, gtid() ? from : to);
    steps.add(step("tidy", "the row's schema goes", to, List.of(Token.removal())));
    return steps;
  }

  /** Replicas that were killed and are not where they think. */
  private void place(List<Plan.Step> steps) {
    List<Topology.Replica> replicas = new ArrayList<>(servers.replicas());
    if (choice.copy() == Plan.CopyWay.NONE) {
      replicas.addFirst(new Topology.Replica(servers.to(), servers.from()));
    }
    for (Topology.Replica replica : replicas) {
      Server server = replica.server();
      TruePlace.of(server, replica.parent())
          .map(place -> TruePlace.statements(server, place))
          .map(sent ->
              step("place", "it was killed, and goes on where its tables are", server, sent))
          .ifPresent(steps::add);
    }
  }

  private void copy(List<Plan.Step> steps) {
    Server from = servers.from();
    Server to = servers.to();
    List<Sql> clean = new ArrayList<>();
    clean.add(to.dialect().emptyLog());
    steps.add(step("clean-new", "what an earlier try left goes", to, clean));
    List<String> statements = new ArrayList<>();
    Tools.Names names = from.dialect().tools();
    statements.add(
        names.dump().getFirst()
            + " --defaults-file=<0600> "
            + String.join(" ", Copy.dumpArguments(from.dialect(), from.hasGtids(), schemas))
            + " | "
            + names.load().getFirst()
            + " --defaults-file=<0600> "
            + String.join(" ", Copy.loadArguments()));
    String place = to.address().place() + "> ";
    statements.add(place + "SET sql_log_bin=0");
    for (String account : new Accounts(from, to).missing()) {
      statements.add(place + "CREATE USER " + account + " <as on the old master>");
      statements.add(place + "GRANT <as on the old master> TO " + account);
    }
    to.dialect().seed(END, "").forEach(sql -> statements.add(place + sql.masked()));
    steps.add(new Plan.Step("copy", "dump and import, streamed; accounts; position", statements));
  }

  private void compare(List<Plan.Step> steps, String name, Server master, Server also) {
    List<String> statements = new ArrayList<>();
    master
        .dialect()
        .openSnapshot()
        .forEach(sql -> statements.add(master.address().place() + "> " + sql.masked()));
    List<Server> others = new ArrayList<>(servers.direct());
    if (also != master) {
      others.add(also);
    }
    for (Server server : others) {
      Dialect words = server.dialect();
      for (Sql sql :
          List.of(words.stopApplier(), words.startApplierUntil(END), words.startApplier())) {
        statements.add(server.address().place() + "> " + sql.masked());
      }
    }
    statements.add("all> CHECKSUM TABLE <each table>");
    steps.add(
        new Plan.Step(name, "every table on every server, at one place of the log", statements));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.greyprint.capture.Observation;
import org.greyprint.capture.SynLookup;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.milter.Actions;
import org.greyprint.milter.Command;
import org.greyprint.milter.Handler;
import org.greyprint.milter.Reply;
import org.greyprint.milter.Session;
import org.greyprint.milter.Stage;
import org.greyprint.milter.Steps;
import org.greyprint.milter.Text;
import org.greyprint.milter.Wishes;
import org.jspecify.annotations.Nullable;

/**
 * The milter face: one SMTP session of Postfix or Sendmail.
 *
 * <p>The client's SYN is looked up when it connects, by address and port; each recipient is decided
 * at RCPT and answered {@code 451 4.7.1} if it is to wait; at the end of the message every header
 * of our name that the sender brought is removed, however it is spelled, and ours put in.
 * Recipients of the null sender are deferred at DATA, so that other servers that check our users'
 * addresses (MAIL FROM:&lt;&gt;, RCPT, QUIT) get their answer.
 *
 * <p>Local clients (loopback, UNIX socket, mail that no client sent) and authenticated ones are
 * never deferred, and their header says UNKNOWN. A client that the MTA knows from XCLIENT or the
 * PROXY protocol is looked up by the address and port given there; without a port not at all, since
 * the SYN that came here is the proxy's.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * <ul>
 *   <li>error "no decision": a bug or a broken store; mail is delivered, {@link FaceCounters}
 *       counts.
 * </ul>
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link FaceSettings}.
 */
public final class MilterFilter implements Handler {
  /** What is asked of the MTA. */
  public static final Wishes WISHES =
      new Wishes(
          Actions.ADD_HEADERS | Actions.CHANGE_HEADERS,
          Steps.NO_BODY | Steps.NO_END_OF_HEADERS | Steps.NO_UNKNOWN | Steps.NO_REPLY_HEADER,
          Map.of(
              Stage.CONNECT,
              "j {daemon_name} {daemon_addr} {daemon_port} {client_addr} {client_port}"
                  + " {client_name} {client_ptr}",
              Stage.HELO,
              "{tls_version}",
              Stage.MAIL,
              "i {auth_type} {auth_authen} {mail_addr}",
              Stage.RCPT,
              "i {rcpt_addr}",
              Stage.END_OF_MESSAGE,
              "i {auth_authen}"));

  /** A message with more forged headers than this is refused. */
  static final int MAX_FORGED = 1000;

  private final Desk desk;
  private final Session session;
  private Inquiry.@Nullable Client client;
  private CompletionStage<Optional<Observation>> syn =
      CompletableFuture.completedStage(Optional.empty());
  private String helo = "";
  private int messages;
  private String sender = "";
  private long size;
  private @Nullable Decision passed;
  private Reply.@Nullable Verdict atData;
  private final Map<String, Integer> brought = new LinkedHashMap<>();

  private MilterFilter(Desk desk, Session session) {
    this.desk = desk;
    this.session = session;
  }

  /**
   * Makes the filter of each session.
   *
   * @param clock the time of each inquiry
   * @param counters shared by all of them
   */
  public static Handler.Factory factory(
      Decider decider,
      SynLookup syns,
      InstantSource clock,
      FaceSettings settings,
      FaceCounters counters) {
    Desk desk = new Desk(decider, syns, clock, settings, counters);
    return session -> new MilterFilter(desk, session);
  }

  @Override
  public CompletionStage<Reply.Verdict> connect(Command.Connect connect) {
    desk.counters().sessions.increment();
    InetAddress address =
        connect.ip().orElse(connect.family() == 'U' ? null : InetAddress.getLoopbackAddress());
    if (address == null) {
      syn = desk.nothingToLookFor();
      return CONTINUE;
    }
    String name = isName(connect.host()) ? connect.host() : "";
    String reverse = session.macro("client_ptr").filter(MilterFilter::isName).orElse("");
    client = new Inquiry.Client(address, connect.port(), name, reverse);
    syn =
        address.isLoopbackAddress() || connect.port() == 0
            ? desk.nothingToLookFor()
            : desk.look(address, connect.port());
    desk.connected(client, facts());
    return CONTINUE;
  }

  /** Postfix says "unknown", Sendmail the address in brackets, where there is no name. */
  private static boolean isName(String host) {
    return !host.startsWith("[") && !host.equals("unknown");
  }

  @Override
  public CompletionStage<Reply.Verdict> helo(Command.Helo command) {
    helo = Text.utf8(command.name());
    return CONTINUE;
  }

  @Override
  public synchronized CompletionStage<Reply.Verdict> mail(Command.Mail mail) {
    messages++;
    startMessage();
    sender = address(mail.sender());
    size =
        mail.arguments().stream()
            .filter(argument -> argument.toUpperCase(Locale.ROOT).startsWith("SIZE="))
            .findFirst()
            .map(argument -> number(argument.substring(5)))
            .orElse(0L);
    return CONTINUE;
  }

  private void startMessage() {
    sender = "";
    size = 0;
    passed = null;
    atData = null;
    brought.clear();
    brought.put(desk.settings().header().toLowerCase(Locale.ROOT), 0);
  }

  @Override
  public CompletionStage<Reply.Verdict> rcpt(Command.Rcpt rcpt) {
    Inquiry.Client from = client;
    if (from == null) {
      return CONTINUE;
    }
    int message = messages;
    Inquiry.Session facts = facts();
    Inquiry.Envelope envelope =
        new Inquiry.Envelope(facts.id() + "." + message, sender, address(rcpt.recipient()), size);
    return syn.thenCompose(seen -> desk.decide(from, facts, envelope, seen))
        .thenApply(decision -> answer(decision, message));
  }

  /** Called by any thread, and, if the decision missed the deadline, in a later message's time. */
  private synchronized Reply.Verdict answer(Decision decision, int message) {
    if (message != messages) {
      return new Reply.Continue();
    }
    return switch (decision.verdict()) {
      case Verdict.Deliver deliver -> {
        desk.counters().delivered.increment();
        if (passed == null) {
          passed = decision;
          decision.headers().forEach(h -> brought.put(h.name().toLowerCase(Locale.ROOT), 0));
        }
        yield new Reply.Continue();
      }
      case Verdict.Defer defer -> {
        desk.counters().deferred.increment();
        Reply.Verdict later = Reply.Code.of(451, "4.7.1", desk.deferral(decision, defer));
        if (sender.isEmpty()) {
          atData = later;
          yield new Reply.Continue();
        }
        yield later;
      }
      case Verdict.Reject reject -> {
        desk.counters().rejected.increment();
        yield Reply.Code.of(550, "5.7.1", reject.text());
      }
    };
  }

  @Override
  public synchronized CompletionStage<Reply.Verdict> data() {
    Reply.Verdict later = atData;
    return later == null ? CONTINUE : CompletableFuture.completedStage(later);
  }

  @Override
  public synchronized CompletionStage<Reply.Verdict> header(Command.Header header) {
    brought.computeIfPresent(
        header.name().strip().toLowerCase(Locale.ROOT), (name, count) -> count + 1);
    return CONTINUE;
  }

  @Override
  public synchronized CompletionStage<Ending> endOfMessage(Command.EndOfMessage end) {
    Reply.Verdict later = atData;
    if (later != null) {
      // An MTA of a version without DATA: the message waits here.
      return CompletableFuture.completedStage(new Ending(List.of(), later));
    }
    int forged = brought.values().stream().mapToInt(Integer::intValue).sum();
    if (forged > MAX_FORGED) {
      desk.counters().rejected.increment();
      String text = "Too many " + desk.settings().header() + " headers";
      return CompletableFuture.completedStage(
          new Ending(List.of(), Reply.Code.of(550, "5.7.1", text)));
    }
    List<Reply.Modification> changes = new ArrayList<>();
    brought.forEach((name, count) -> changes.addAll(Reply.deleteHeaders(name, count)));
    List<Decision.Header> extras = passed == null ? List.of() : passed.headers();
    Inquiry.Client from = client;
    Inquiry.Session facts = facts();
    // What cannot be removed must at least stand below ours.
    int index = session.can(Actions.CHANGE_HEADERS) ? 1 : 0;
    return syn.thenApply(seen -> {
      for (Decision.Header extra : extras.reversed()) {
        changes.add(new Reply.InsertHeader(index, extra.name(), extra.value()));
      }
      String value = from == null ? HeaderValue.UNKNOWN : Desk.headerValue(from, facts, seen);
      changes.add(new Reply.InsertHeader(index, desk.settings().header(), value));
      desk.counters().forged.add(forged);
      desk.counters().headers.increment();
      return new Ending(changes, new Reply.Continue());
    });
  }

  private Inquiry.Session facts() {
    return new Inquiry.Session(
        "milter",
        "m" + session.id(),
        (int) session.macro("daemon_port").map(MilterFilter::number).orElse(0L).longValue(),
        helo,
        session.macro("auth_authen").map(Text::utf8).orElse(""),
        session.macro("tls_version").orElse(""));
  }

  /** A number of at most nine digits, or 0. */
  private static long number(String digits) {
    return digits.matches("\\d{1,9}") ? Long.parseLong(digits) : 0;
  }

  /** An address of MAIL or RCPT without brackets and source route (RFC 5321, 4.1.2). */
  static String address(String path) {
    String bare = Text.utf8(path).strip();
    if (bare.startsWith("<") && bare.endsWith(">")) {
      bare = bare.substring(1, bare.length() - 1);
    }
    int route = bare.startsWith("@") ? bare.indexOf(':') : -1;
    return bare.substring(route + 1);
  }
}

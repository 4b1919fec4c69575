// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A small filter of the tests: defers recipients that begin with "later", refuses those that begin
 * with "never", removes all X-Stamp fields and puts its own on, numbering the messages.
 */
final class StampFilter implements Handler {
  static final Wishes WISHES =
      new Wishes(
          Actions.ADD_HEADERS | Actions.CHANGE_HEADERS,
          Steps.NO_BODY | Steps.NO_END_OF_HEADERS | Steps.NO_UNKNOWN | Steps.NO_REPLY_HEADER,
          Map.of(Stage.CONNECT, "j {client_port}", Stage.MAIL, "i {auth_authen}"));

  private final Session session;
  private final List<String> log;
  private int stamps;
  private int messages;

  StampFilter(Session session, List<String> log) {
    this.session = session;
    this.log = log;
  }

  @Override
  public CompletionStage<Reply.Verdict> connect(Command.Connect client) {
    log.add("connect " + client.ip().map(Object::toString).orElse("?") + " " + client.port());
    return CONTINUE;
  }

  @Override
  public CompletionStage<Reply.Verdict> mail(Command.Mail mail) {
    stamps = 0;
    log.add("mail " + mail.sender() + " by " + session.macro("{auth_authen}").orElse("-"));
    return CONTINUE;
  }

  @Override
  public CompletionStage<Reply.Verdict> rcpt(Command.Rcpt rcpt) {
    if (rcpt.recipient().startsWith("<later")) {
      return CompletableFuture.completedStage(Reply.Code.of(451, "4.7.1", "Come again, 100% sure"));
    }
    if (rcpt.recipient().startsWith("<never")) {
      return CompletableFuture.completedStage(
          new Reply.Code(550, "5.7.1", List.of("No.", "Not\r\nhere, \u00fc")));
    }
    return CONTINUE;
  }

  @Override
  public CompletionStage<Reply.Verdict> header(Command.Header header) {
    if (header.name().equalsIgnoreCase("X-Stamp")) {
      stamps++;
    }
    return CONTINUE;
  }

  @Override
  public CompletionStage<Ending> endOfMessage(Command.EndOfMessage end) {
    List<Reply.Modification> changes = new ArrayList<>(Reply.deleteHeaders("X-Stamp", stamps));
    changes.add(new Reply.InsertHeader(1, "X-Stamp", "message " + ++messages + "\nBcc: x"));
    return CompletableFuture.completedStage(new Ending(changes, new Reply.Continue()));
  }

  @Override
  public void aborted() {
    log.add("aborted");
  }

  @Override
  public void closed() {
    log.add("closed");
  }
}

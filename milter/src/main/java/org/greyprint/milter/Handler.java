// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A filter's side of one MTA connection; made by a {@link Factory} for each. All methods are called
 * on the connection's thread, one at a time, and must not block: what takes time completes its
 * stage later, and no further command is read until then. A stage that fails, or that is not
 * complete within the server's deadline, counts as {@link Reply.Continue}.
 *
 * <p>An MTA holds one connection for one SMTP session with all its messages; after {@link
 * #endOfMessage} or {@link #aborted} another {@link #mail} can come.
 */
public interface Handler {
  /** "Go on", complete. */
  CompletionStage<Reply.Verdict> CONTINUE = CompletableFuture.completedStage(new Reply.Continue());

  /** Makes the handler of a connection. */
  @FunctionalInterface
  interface Factory {
    /** Called when an MTA connects, before the negotiation. */
    Handler open(Session session);
  }

  /**
   * The answer to the end of a message.
   *
   * @param changes in order; those that were not agreed are left out and counted
   * @param verdict after them
   */
  record Ending(List<Reply.Modification> changes, Reply.Verdict verdict) {
    /** No change, go on. */
    public static final Ending CONTINUE = new Ending(List.of(), new Reply.Continue());
  }

  default CompletionStage<Reply.Verdict> connect(Command.Connect client) {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> helo(Command.Helo helo) {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> mail(Command.Mail mail) {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> rcpt(Command.Rcpt rcpt) {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> data() {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> header(Command.Header header) {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> endOfHeaders() {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> body(Command.Body body) {
    return CONTINUE;
  }

  default CompletionStage<Reply.Verdict> unknown(Command.Unknown unknown) {
    return CONTINUE;
  }

  default CompletionStage<Ending> endOfMessage(Command.EndOfMessage end) {
    return CompletableFuture.completedStage(Ending.CONTINUE);
  }

  /** The message in work is given up. Not called twice for one message. */
  default void aborted() {}

  /** The SMTP session is over, or the connection is lost. Called once for each {@link #connect}. */
  default void closed() {}
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session's next hop: greeted as the client greets, called again when it went away between two
 * messages, and given back for another session at the end.
 */
final class Relay implements Hop.Owner {
  private final Gateway.Parts parts;
  private final EventLoop loop;
  private final ClientConnection connection;
  private @Nullable Hop hop;

  /** Whether the next hop holds a transaction that is over here. */
  private boolean stale;

  Relay(Gateway.Parts parts, EventLoop loop, ClientConnection connection) {
    this.parts = parts;
    this.loop = loop;
    this.connection = connection;
  }

  @Nullable Hop current() {
    return hop;
  }

  /** The next hop that a transaction is with; if it died, it says so itself. */
  Hop used() {
    return Objects.requireNonNull(hop);
  }

  private @Nullable Hop living() {
    Hop known = hop;
    return known != null && known.alive() ? known : null;
  }

  /**
   * Greets the next hop in the client's words.
   *
   * @param bound whether the connection cannot be changed for another, as it was authenticated on
   */
  void greet(Caller caller, boolean bound, Consumer<Reply> then) {
    Hop known = living();
    if (known != null && !bound && !known.knows(caller)) {
      parts.release(loop, known);
      known = null;
    }
    Hop used = known == null ? parts.hop(loop, caller, this) : known;
    hop = used;
    greet(used, caller, known == null && used.reused(), then);
  }

  private void greet(Hop used, Caller caller, boolean second, Consumer<Reply> then) {
    used.greet(
        caller,
        reply -> {
          if (second && !reply.ok()) {
            if (used.alive()) {
              parts.neverAgain(used);
            }
            Hop other = parts.newHop(loop, this);
            hop = other;
            greet(other, caller, false, then);
            return;
          }
          if (reply.ok() && used.alive()) {
            stale = false;
          }
          then.accept(reply);
        });
  }

  /**
   * Sends MAIL, after what has to come before it. A connection that another session had may have
   * died since then; MAIL is sent once more on a new one then, since it changes nothing.
   */
  void mail(Caller caller, String line, Consumer<Reply> then) {
    Hop known = living();
    if (known == null) {
      afresh(caller, line, then);
    } else if (stale) {
      known.command(
          "RSET",
          reply -> {
            stale = false;
            if (reply.ok()) {
              mail(caller, line, then);
            } else {
              refuse(reply, then);
            }
          });
    } else {
      known.command(
          line,
          reply -> {
            if (known.reused() && !known.alive()) {
              afresh(caller, line, then);
            } else {
              then.accept(reply);
            }
          });
    }
  }

  private void afresh(Caller caller, String line, Consumer<Reply> then) {
    Hop fresh = parts.newHop(loop, this);
    hop = fresh;
    stale = false;
    fresh.greet(
        caller,
        reply -> {
          if (reply.ok()) {
            fresh.command(line, then);
          } else {
            refuse(reply, then);
          }
        });
  }

  private void refuse(Reply reply, Consumer<Reply> then) {
    lost();
    then.accept(reply.code() < 500 ? reply : Reply.away("does not take mail now"));
  }

  /** Passes a command on that needs no transaction; answers it itself where there is no hop. */
  void pass(String line, Reply otherwise) {
    Hop known = living();
    if (known == null) {
      connection.reply(otherwise);
    } else {
      known.command(line, reply -> connection.reply(known.alive() ? reply : otherwise));
    }
  }

  /** It did not do its part. */
  void lost() {
    parts.counters().hopFailures.increment();
    abort();
  }

  /** A transaction is over here that it still holds. */
  void outdated() {
    stale = true;
  }

  /** The client says RSET itself, which is passed on. */
  void upToDate() {
    stale = false;
  }

  /** Ends it without an end of the message. */
  void abort() {
    if (hop != null) {
      hop.abort();
    }
  }

  /** Gives it back, to be used by another session or ended in order. */
  void release() {
    if (hop != null) {
      parts.release(loop, hop);
      hop = null;
    }
  }

  /** Ends it in order. */
  void quit() {
    if (hop != null) {
      hop.quit();
      hop = null;
    }
  }

  @Override
  public void writable() {
    connection.resume();
  }
}

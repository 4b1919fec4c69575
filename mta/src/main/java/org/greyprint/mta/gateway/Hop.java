// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;

/**
 * The other side of one session: where its commands and messages go. One command at a time; used
 * from the session's event loop, and answers there. What fails is answered with a 4xx reply, after
 * which {@link #alive} says no.
 */
interface Hop {
  /** What the session wants to know. */
  interface Owner {
    /** More of the message can be taken. */
    void writable();
  }

  /** Says HELO or EHLO, for the first time or again; connects before where that is needed. */
  void greet(Caller caller, Consumer<Reply> then);

  /** Whether it was greeted with nothing else than this. */
  default boolean knows(Caller caller) {
    return true;
  }

  /** What it can do; known after {@link #greet}. */
  Capabilities capabilities();

  /** Sends a command line, without CRLF. */
  void command(String line, Consumer<Reply> then);

  /**
   * Sends a part of a message, dots doubled, after DATA was answered with 354.
   *
   * @param wire is released
   */
  void data(ByteBuf wire);

  /** Nothing follows at once: sends what {@link #data} took, if it is enough to be worth it. */
  void flush();

  /** Whether it was told who the client is, other than by a Received header. */
  boolean introduced();

  /** Whether it can take more now; if not, {@link Owner#writable} is called when it can. */
  boolean writable();

  /**
   * Sends the end of the message.
   *
   * @param then gets one reply, or by LMTP one for each accepted recipient
   */
  void end(int recipients, Consumer<List<Reply>> then);

  /** Whether it can still be used. */
  boolean alive();

  /** Whether another session had it before, so that it may have gone away meanwhile. */
  default boolean reused() {
    return false;
  }

  /** Ends it without an end of the message: what it got of that is discarded. */
  void abort();

  /** Ends it in order. */
  void quit();
}

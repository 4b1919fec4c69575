// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A next hop that is a Maildir of our own: every recipient is taken. */
final class MaildirHop implements Hop {
  private static final Capabilities CAPABILITIES = capable();

  private final Maildir maildir;
  private final EventLoop loop;
  private final Owner owner;
  private Maildir.@Nullable Delivery delivery;
  private boolean dead;

  MaildirHop(Maildir maildir, EventLoop loop, Owner owner) {
    this.maildir = maildir;
    this.loop = loop;
    this.owner = owner;
  }

  private static Capabilities capable() {
    Map<String, String> keywords = new LinkedHashMap<>();
    for (String keyword : List.of("SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")) {
      keywords.put(keyword, "");
    }
    keywords.put("CHUNKING", "");
    return new Capabilities(keywords);
  }

  @Override
  public void greet(Caller caller, Consumer<Reply> then) {
    then.accept(Reply.of(250, "maildir"));
  }

  @Override
  public Capabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public void command(String line, Consumer<Reply> then) {
    String verb = Command.of(line, false).verb();
    then.accept(
        switch (verb) {
          case "MAIL" -> Reply.of(250, "2.1.0 Sender ok");
          case "RCPT" -> Reply.of(250, "2.1.5 Recipient ok");
          case "DATA" -> Reply.of(354, "End data with <CR><LF>.<CR><LF>");
          case "VRFY" -> Reply.of(252, "2.5.2 Cannot verify, but will take mail");
          case "RSET", "NOOP" -> Reply.of(250, "2.0.0 Ok");
          default -> Reply.of(502, "5.5.1 Not implemented");
        });
  }

  @Override
  public void data(ByteBuf wire) {
    if (delivery == null) {
      delivery = maildir.start(() -> loop.execute(owner::writable));
    }
    delivery.write(wire);
  }

  @Override
  public void flush() {}

  @Override
  public boolean introduced() {
    return false;
  }

  @Override
  public boolean writable() {
    return delivery == null || delivery.writable();
  }

  @Override
  public void end(int recipients, Consumer<List<Reply>> then) {
    Maildir.Delivery ending = delivery == null ? maildir.start(() -> {}) : delivery;
    delivery = null;
    ending.end(reply -> loop.execute(() -> then.accept(List.of(reply))));
  }

  @Override
  public boolean alive() {
    return !dead;
  }

  @Override
  public void abort() {
    dead = true;
    if (delivery != null) {
      delivery.abort();
      delivery = null;
    }
  }

  @Override
  public void quit() {
    abort();
  }
}

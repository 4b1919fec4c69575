// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Consumer;
import org.greyprint.mta.gateway.GatewaySettings.HopTls;
import org.greyprint.mta.gateway.GatewaySettings.Identity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a connection to a next hop begins: the PROXY header, its greeting, EHLO, STARTTLS, XCLIENT,
 * and what was learnt by that. A session that says the same as the one before is not introduced a
 * second time, and a next hop that was seen to need no EHLO before XCLIENT or HELO is not asked
 * again for a minute: that saves round trips, and some servers refuse a second EHLO.
 */
final class HopGreeting {
  private static final Logger LOG = LoggerFactory.getLogger(HopGreeting.class);

  private final SmtpHop hop;
  private final GatewaySettings settings;
  private final HopTlsContext tls;
  private final HopTraits traits;
  private final boolean lmtp;

  private Capabilities capabilities = Capabilities.NONE;
  private boolean encrypted;
  private boolean introduced;
  private boolean introducing;
  private @Nullable Caller greeted;
  private @Nullable Reply answer;

  HopGreeting(SmtpHop hop, GatewaySettings settings, HopTlsContext tls, HopTraits traits) {
    this.hop = hop;
    this.settings = settings;
    this.tls = tls;
    this.traits = traits;
    this.lmtp = settings.nextHop() instanceof NextHop.Lmtp;
  }

  Capabilities capabilities() {
    return capabilities;
  }

  /** Whether the next hop was told who the client is, other than by a Received header. */
  boolean introduced() {
    return introduced;
  }

  /** Whether XCLIENT was tried, which binds the connection to one client. */
  boolean introducing() {
    return introducing;
  }

  private boolean proxied() {
    return settings.identity() == Identity.PROXY_V1 || settings.identity() == Identity.PROXY_V2;
  }

  /** Whether nothing else was said on this connection than what this caller would say. */
  boolean knows(Caller caller) {
    Caller known = greeted;
    if (known == null || known.equals(caller)) {
      return true;
    }
    return sameWords(caller);
  }

  /** Whether the next hop, which knows the words only, would hear the same again. */
  boolean sameWords(Caller caller) {
    Caller known = greeted;
    return known != null
        && !introduced
        && !introducing
        && known.extended() == caller.extended()
        && known.helo().equals(caller.helo());
  }

  /** The answer that the caller got or would get, if it was given already. */
  @Nullable Reply answered(Caller caller) {
    return answer != null && knows(caller) ? answer : null;
  }

  /** The connection is there. */
  void first(Channel open, Caller caller, Consumer<Reply> then) {
    if (proxied()) {
      open.writeAndFlush(ProxyHeader.of(caller, settings.identity()));
      introduced = true;
    }
    if (settings.nextHop() instanceof NextHop.Smtp smtp && smtp.tls()) {
      handshake(true, () -> awaitGreeting(caller, then), then);
    } else {
      awaitGreeting(caller, then);
    }
  }

  private void awaitGreeting(Caller caller, Consumer<Reply> then) {
    hop.expect(
        settings.timeouts().reply(),
        reply -> {
          if (reply.ok()) {
            begin(caller, then);
            return;
          }
          refused("did not greet: " + reply.code() + " " + reply.first());
          then.accept(hop.alive() ? hop.lose("does not take mail now") : reply);
        });
  }

  private void begin(Caller caller, Consumer<Reply> then) {
    Capabilities known = lmtp ? null : traits.recall();
    boolean plain = known != null && !(wantsTls() && known.has("STARTTLS"));
    boolean verify = wantsTls() && settings.hopTls() == HopTls.VERIFY;
    if (known == null || !plain || verify) {
      hello(caller, then);
    } else if (wantsIntroduction(known)) {
      introduce(caller, known, true, then);
    } else if (!caller.extended()) {
      capabilities = known;
      plainHello(caller, then);
    } else {
      hello(caller, then);
    }
  }

  private boolean wantsTls() {
    return settings.hopTls() != HopTls.NONE && !encrypted;
  }

  private boolean wantsIntroduction(Capabilities offered) {
    return settings.identity() == Identity.AUTO && !introducing && offered.has("XCLIENT");
  }

  /** Says HELO or EHLO. */
  void hello(Caller caller, Consumer<Reply> then) {
    hop.command(
        (lmtp ? "LHLO " : "EHLO ") + caller.helo(),
        reply -> {
          if (!hop.alive()) {
            then.accept(reply);
          } else if (reply.ok()) {
            heard(caller, reply, then);
          } else {
            capabilities = Capabilities.NONE;
            old(caller, reply, then);
          }
        });
  }

  private void heard(Caller caller, Reply reply, Consumer<Reply> then) {
    capabilities = Capabilities.of(reply);
    if (!encrypted && !introducing) {
      traits.keep(capabilities);
    }
    if (wantsTls() && capabilities.has("STARTTLS")) {
      startTls(caller, then);
    } else if (wantsTls() && settings.hopTls() == HopTls.VERIFY && !lmtp) {
      refused("does not offer STARTTLS, but must");
      then.accept(hop.lose("does not offer encryption"));
    } else if (wantsIntroduction(capabilities)) {
      introduce(caller, capabilities, false, then);
    } else if (caller.extended() || lmtp) {
      accepted(caller, reply, then);
    } else {
      plainHello(caller, then);
    }
  }

  private void plainHello(Caller caller, Consumer<Reply> then) {
    hop.command("HELO " + caller.helo(), reply -> accepted(caller, reply, then));
  }

  private void accepted(Caller caller, Reply reply, Consumer<Reply> then) {
    if (reply.ok()) {
      answer = reply;
      greeted = caller;
    }
    then.accept(reply);
  }

  /** A next hop that refuses EHLO may be older than it, or refuse the name. */
  private void old(Caller caller, Reply refusal, Consumer<Reply> then) {
    boolean old = refusal.code() == 500 || refusal.code() == 502;
    if (old && settings.hopTls() != HopTls.VERIFY) {
      plainHello(caller, then);
    } else {
      then.accept(refusal);
    }
  }

  private void startTls(Caller caller, Consumer<Reply> then) {
    hop.command(
        "STARTTLS",
        reply -> {
          if (!hop.alive()) {
            then.accept(reply);
          } else if (reply.code() == 220) {
            handshake(settings.hopTls() == HopTls.VERIFY, () -> hello(caller, then), then);
          } else {
            refused("refused STARTTLS: " + reply.code());
            then.accept(hop.lose("refused encryption"));
          }
        });
  }

  private void handshake(boolean verify, Runnable done, Consumer<Reply> then) {
    Channel open = hop.channel();
    if (hop.hasMore()) {
      refused("sent something before TLS");
      then.accept(hop.lose("sent something before TLS"));
      return;
    }
    SslHandler handler;
    try {
      handler = tls.handler(open.alloc(), verify);
    } catch (java.io.IOException e) {
      LOG.error("no TLS to the next hop: {}", e.getMessage());
      then.accept(hop.lose("cannot be encrypted to"));
      return;
    }
    handler.setHandshakeTimeoutMillis(settings.timeouts().handshake().toMillis());
    open.pipeline().addFirst(handler);
    handler
        .handshakeFuture()
        .addListener(shaken -> {
          if (shaken.isSuccess()) {
            encrypted = true;
            done.run();
          } else {
            refused("failed the TLS handshake: " + shaken.cause().getMessage());
            then.accept(hop.lose("failed the TLS handshake"));
          }
        });
  }

  /**
   * Tells who the client is.
   *
   * @param recalled whether XCLIENT is offered by what was remembered, not by this connection
   */
  private void introduce(
      Caller caller, Capabilities offered, boolean recalled, Consumer<Reply> then) {
    introducing = true;
    hop.command(
        Xclient.of(caller, offered.parameter("XCLIENT"), settings.nextHop()),
        reply -> {
          if (!hop.alive()) {
            then.accept(reply);
          } else if (reply.code() == 220 || reply.code() == 250) {
            introduced = true;
            if (caller.extended() || lmtp) {
              hello(caller, then);
            } else {
              capabilities = offered;
              plainHello(caller, then);
            }
          } else if (reply.code() == 421) {
            then.accept(hop.lose("does not take mail now"));
          } else {
            traits.forget();
            introducing = !recalled;
            refused("refused XCLIENT: " + reply.code() + " " + reply.first());
            hello(caller, then);
          }
        });
  }

  private void refused(String what) {
    LOG.warn("next hop {} {}", settings.nextHop(), what);
  }
}

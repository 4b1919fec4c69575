// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;
import org.greyprint.mta.gateway.GatewaySettings.Strays;
import org.jspecify.annotations.Nullable;

/**
 * A message between DATA's 354 and its end: filtered, and streamed to the next hop. What fails on
 * the way is answered at the end, after the rest was read and thrown away, as SMTP wants it.
 */
final class DataPhase implements MessageFilter.Sink {
  private static final int SMALL = 512;

  private final Hop hop;
  private final MessageFilter filter;
  private final long maxSize;
  private final int recipients;
  private @Nullable Reply failure;
  private @Nullable MessageFilter discarding;
  private @Nullable ByteBuf chunk;

  /**
   * Begins a message.
   *
   * @param headers what is put above it, lines with CRLF
   * @param names headers to remove
   * @param maxSize in octets; 0 for any
   * @param stuffed whether it comes by DATA, not BDAT
   */
  DataPhase(
      Hop hop,
      byte[] headers,
      List<String> names,
      Strays strays,
      long maxSize,
      int recipients,
      boolean stuffed) {
    this.hop = hop;
    this.filter = new MessageFilter(names, stuffed, strays);
    this.maxSize = maxSize;
    this.recipients = recipients;
    insert(headers);
  }

  MessageFilter filter() {
    return filter;
  }

  boolean writable() {
    return failure != null || hop.writable();
  }

  /** Reads from DATA's stream; true at the end of the message. */
  boolean feed(ByteBuf in) {
    while (true) {
      MessageFilter.Found found = current().feed(in, false, this);
      if (failure == null && maxSize > 0 && filter.octets() > maxSize) {
        fail(Reply.of(552, "5.3.4 The message is too large"));
      }
      if (found == MessageFilter.Found.STRAY) {
        stray();
        continue;
      }
      boolean ended = found == MessageFilter.Found.END;
      if (failure == null && !ended) {
        hop.flush();
      }
      return ended;
    }
  }

  /** Reads a part of a chunk of BDAT. */
  void feedChunk(ByteBuf part, boolean last) {
    if (failure != null) {
      part.release();
      return;
    }
    ByteBuf all =
        chunk == null
            ? part
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(part.alloc(), chunk, part);
    chunk = null;
    if (filter.feed(all, last, this) == MessageFilter.Found.STRAY) {
      stray();
    } else if (maxSize > 0 && filter.octets() > maxSize) {
      fail(Reply.of(552, "5.3.4 The message is too large"));
    }
    if (all.isReadable() && failure == null) {
      chunk = all;
    } else {
      all.release();
    }
    if (failure == null) {
      if (last && !filter.atLineStart()) {
        insert(new byte[] {'\r', '\n'});
      }
      if (!last) {
        hop.flush();
      }
    }
  }

  /** Ends the message; the client's answer comes when the next hop has answered. */
  void end(Consumer<Reply> then) {
    Reply failed = failure;
    if (failed != null) {
      then.accept(failed);
      return;
    }
    hop.end(recipients, replies -> then.accept(sum(replies)));
  }

  /**
   * One answer for all: a failure counts for more, and one that may pass more than one for good.
   */
  static Reply sum(List<Reply> replies) {
    Reply worst = replies.getFirst();
    for (Reply reply : replies) {
      boolean temporary = reply.code() >= 400 && reply.code() < 500;
      boolean worstTemporary = worst.code() >= 400 && worst.code() < 500;
      if ((!worst.failed() && reply.failed()) || (temporary && !worstTemporary)) {
        worst = reply;
      }
    }
    return worst.code() >= 300 && worst.code() < 400 ? Reply.away("is out of step") : worst;
  }

  /** Gives up on the next hop: what it has of the message is never ended. */
  void fail(Reply why) {
    if (failure == null) {
      failure = why;
      hop.abort();
    }
  }

  void close() {
    if (chunk != null) {
      chunk.release();
      chunk = null;
    }
  }

  private void stray() {
    fail(
        Reply.of(
            550,
            "5.6.0 The message holds a bare CR, a bare LF or a NUL (RFC 5321, section 2.3.8)"));
    discarding = new MessageFilter(List.of(), true, Strays.NORMALISE);
  }

  private MessageFilter current() {
    return discarding == null ? filter : discarding;
  }

  @Override
  public void pass(ByteBuf in, int from, int length) {
    if (failure != null) {
      return;
    }
    if (length <= SMALL) {
      // A slice would hold the whole buffer that was read into, for some octets of a slow client.
      hop.data(in.alloc().directBuffer(length).writeBytes(in, from, length));
    } else {
      hop.data(in.retainedSlice(from, length));
    }
  }

  @Override
  public void insert(byte[] octets) {
    if (failure == null) {
      hop.data(Unpooled.wrappedBuffer(octets));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a whole ClientHello, over several records where it has to, then gives its place to the
 * TLS handler with the certificate that the client asked for.
 */
final class TlsGate extends ByteToMessageDecoder {
  private static final int MAX_HELLO = 64 << 10;
  private static final int HANDSHAKE = 22;

  private final Certificates certificates;
  private final Duration limit;
  private @Nullable Future<?> late;
  private final Consumer<Optional<ClientHello>> onHello;
  private final Consumer<Optional<SslHandler>> onShaken;

  /**
   * @param onHello gets the hello, or empty where it is not one; the handshake fails then
   * @param onShaken gets the handler when the handshake is done, or empty when it failed
   */
  TlsGate(
      Certificates certificates,
      Duration limit,
      Consumer<Optional<ClientHello>> onHello,
      Consumer<Optional<SslHandler>> onShaken) {
    this.certificates = certificates;
    this.limit = limit;
    this.onHello = onHello;
    this.onShaken = onShaken;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    late =
        context
            .executor()
            .schedule(
                () -> {
                  if (!context.isRemoved()) {
                    onShaken.accept(Optional.empty());
                  }
                },
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    if (late != null) {
      late.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    Optional<ByteBuffer> body = hello(in);
    if (body.isEmpty()) {
      return;
    }
    Optional<ClientHello> hello =
        body.get().hasRemaining() ? ClientHello.parse(body.get()) : Optional.empty();
    onHello.accept(hello);
    SslHandler handler =
        certificates.forName(hello.map(ClientHello::sni).orElse("")).newHandler(context.alloc());
    handler.setHandshakeTimeoutMillis(limit.toMillis());
    handler
        .handshakeFuture()
        .addListener(shaken ->
            onShaken.accept(shaken.isSuccess() ? Optional.of(handler) : Optional.empty()));
    context.pipeline().replace(this, "tls", handler);
  }

  /** The hello's body; empty while it is not whole, without content if it is none. */
  private static Optional<ByteBuffer> hello(ByteBuf in) {
    ByteArrayOutputStream message = new ByteArrayOutputStream(512);
    int at = in.readerIndex();
    while (in.writerIndex() - at >= 5) {
      int length = in.getUnsignedShort(at + 3);
      if (in.getByte(at) != HANDSHAKE || length == 0) {
        return Optional.of(ByteBuffer.allocate(0));
      }
      int present = Math.min(length, in.writerIndex() - at - 5);
      for (int i = 0; i < present; i++) {
        message.write(in.getByte(at + 5 + i));
      }
      byte[] octets = message.toByteArray();
      if (octets.length >= 4) {
        int size = (octets[1] & 0xff) << 16 | (octets[2] & 0xff) << 8 | (octets[3] & 0xff);
        if (octets[0] != 1 || size > MAX_HELLO) {
          return Optional.of(ByteBuffer.allocate(0));
        }
        if (octets.length >= 4 + size) {
          return Optional.of(ByteBuffer.wrap(octets, 4, size).slice());
        }
      }
      at += 5 + length;
    }
    return in.readableBytes() > MAX_HELLO * 2
        ? Optional.of(ByteBuffer.allocate(0))
        : Optional.empty();
  }
}

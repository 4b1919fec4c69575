// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The MTA's side of a milter connection, blocking and simple: for probes, load programs and tests.
 * Not for several threads at once.
 */
public final class MilterClient implements Closeable {
  private final SocketChannel channel;

  private MilterClient(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects to a filter; says nothing yet. */
  public static MilterClient connect(Endpoint endpoint) throws IOException {
    return switch (endpoint) {
      case Endpoint.Inet(String host, int port) -> {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(host, port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        yield new MilterClient(channel);
      }
      case Endpoint.Unix(java.nio.file.Path path) -> {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        yield new MilterClient(channel);
      }
    };
  }

  /** Sends commands in one write. */
  public void send(Command... commands) throws IOException {
    ByteBuf out = Unpooled.buffer();
    for (Command command : commands) {
      CommandCodec.write(command, out);
    }
    send(out.nioBuffer());
  }

  /** Sends octets as they are. */
  public void send(ByteBuffer octets) throws IOException {
    while (octets.hasRemaining()) {
      channel.write(octets);
    }
  }

  /**
   * The next reply.
   *
   * @throws EOFException if the filter closed
   * @throws IOException if what came is no reply
   */
  public Reply receive() throws IOException {
    int length = read(4).getInt();
    if (length < 1 || length > 1 << 24) {
      throw new IOException("a reply of " + length + " octets");
    }
    ByteBuffer frame = read(length);
    int command = frame.get() & 0xff;
    byte[] data = new byte[length - 1];
    frame.get(data);
    return ReplyCodec.parse(command, data)
        .orElseThrow(() -> new IOException("no reply is called 0x" + Integer.toHexString(command)));
  }

  private ByteBuffer read(int length) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(length);
    while (in.hasRemaining()) {
      if (channel.read(in) < 0) {
        throw new EOFException("the filter closed the connection");
      }
    }
    return in.flip();
  }

  /** Sends a command and waits for its answer. */
  public Reply ask(Command command) throws IOException {
    send(command);
    return receive();
  }

  /** Ends a message: all changes in order and, as the last, the verdict. */
  public List<Reply> endOfMessage() throws IOException {
    send(new Command.EndOfMessage(ByteBuffer.allocate(0)));
    List<Reply> replies = new ArrayList<>();
    do {
      replies.add(receive());
    } while (!(replies.getLast() instanceof Reply.Verdict));
    return replies;
  }

  /** Offers what Postfix 3.7 offers, and gives the filter's terms. */
  public Reply.Agreed negotiate() throws IOException {
    return (Reply.Agreed) ask(new Command.Negotiate(6, 0x1ff, 0x1fffff));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

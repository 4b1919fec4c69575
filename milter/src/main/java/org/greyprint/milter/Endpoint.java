// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Where a server listens: a TCP port or a UNIX socket. */
public sealed interface Endpoint {
  /**
   * A TCP port.
   *
   * @param host an address or a name of this machine
   * @param port 0 for any free one
   */
  record Inet(String host, int port) implements Endpoint {
    @Override
    public String toString() {
      return "inet:" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
  }

  /** A UNIX socket. Who may connect is for the rights of its folder to say. */
  record Unix(Path path) implements Endpoint {
    @Override
    public String toString() {
      return "unix:" + path;
    }
  }

  /**
   * Reads {@code unix:/path}, {@code inet:host:port}, {@code inet:[address]:port}, {@code
   * host:port}, or Sendmail's {@code inet:port@host}.
   *
   * @return empty if it is none of these
   */
  static Optional<Endpoint> parse(String text) {
    if (text.startsWith("unix:") || text.startsWith("local:")) {
      String path = text.substring(text.indexOf(':') + 1);
      return path.startsWith("/") && path.length() < 108
          ? Optional.of(new Unix(Path.of(path)))
          : Optional.empty();
    }
    String plain = text.replaceFirst("^inet6?:", "");
    int at = plain.indexOf('@');
    String host = at >= 0 ? plain.substring(at + 1) : plain.replaceFirst(":[^:]*$", "");
    String port = at >= 0 ? plain.substring(0, at) : plain.substring(plain.lastIndexOf(':') + 1);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0 && at < 0) {
      return Optional.empty();
    }
    if (host.isEmpty() || host.length() == plain.length() || !port.matches("\\d{1,5}")) {
      return Optional.empty();
    }
    int number = Integer.parseInt(port);
    return number <= 65535 ? Optional.of(new Inet(host, number)) : Optional.empty();
  }

  /**
   * Listens there. A UNIX socket that a dead process left behind is replaced; the new one can be
   * written by everyone. TCP connections have TCP_NODELAY set.
   *
   * @param group event loops of Netty's epoll transport
   * @param connections what each new connection's pipeline begins with
   * @return the listening channel; its local address tells the port
   * @throws IOException if it cannot be listened there; says where and why
   */
  default Channel listen(EventLoopGroup group, ChannelHandler connections) throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .childHandler(connections)
            .option(ChannelOption.SO_BACKLOG, 1024);
    ChannelFuture bound =
        switch (this) {
          case Inet(String host, int port) ->
              bootstrap
                  .channel(EpollServerSocketChannel.class)
                  .option(ChannelOption.SO_REUSEADDR, true)
                  .childOption(ChannelOption.TCP_NODELAY, true)
                  .bind(new InetSocketAddress(host, port));
          case Unix(Path path) -> {
            removeDead(path);
            yield bootstrap
                .channel(EpollServerDomainSocketChannel.class)
                .bind(new DomainSocketAddress(path.toFile()));
          }
        };
    bound.awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw new IOException(
          "cannot listen on " + this + ": " + (cause == null ? "?" : cause.getMessage()), cause);
    }
    if (this instanceof Unix(Path path)) {
      Set<PosixFilePermission> rights = EnumSet.allOf(PosixFilePermission.class);
      rights.removeIf(right -> right.name().endsWith("EXECUTE"));
      Files.setPosixFilePermissions(path, rights);
    }
    return bound.channel();
  }

  private static void removeDead(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & 0170000) != 0140000) {
      throw new IOException("cannot listen on unix:" + path + ": a file of that name is no socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
      throw new IOException(
          "cannot listen on unix:" + path + ": another process listens there already");
    } catch (ConnectException e) {
      Files.deleteIfExists(path);
    } catch (SocketException e) {
      throw new IOException("cannot listen on unix:" + path + ": " + e.getMessage(), e);
    }
  }
}

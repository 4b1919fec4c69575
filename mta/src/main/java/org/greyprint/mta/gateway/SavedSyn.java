// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The SYN that the kernel kept of a connection, from its IP header on. It can be read once. None is
 * kept where a SYN cookie stood in for it, as in a flood.
 *
 * <p>Source: Linux, tcp(7) and include/uapi/linux/tcp.h: TCP_SAVE_SYN 27, TCP_SAVED_SYN 28.
 */
final class SavedSyn {
  private static final int IPPROTO_TCP = 6;
  private static final int SIZE = 512;

  /** Set to 1 on a listening socket, before it listens. */
  static final IntegerUnixChannelOption SAVE =
      new IntegerUnixChannelOption("TCP_SAVE_SYN", IPPROTO_TCP, 27);

  private static final RawUnixChannelOption SAVED =
      new RawUnixChannelOption("TCP_SAVED_SYN", IPPROTO_TCP, 28, SIZE);

  private SavedSyn() {}

  /** The SYN of an accepted connection, once; empty if the kernel kept none. */
  static Optional<byte[]> read(EpollSocketChannel channel) {
    ByteBuffer raw;
    try {
      raw = channel.config().getOption(SAVED);
    } catch (RuntimeException e) {
      return Optional.empty();
    }
    if (raw == null) {
      return Optional.empty();
    }
    byte[] octets = new byte[raw.remaining()];
    raw.get(octets);
    int length = length(octets);
    return length > 0 ? Optional.of(Arrays.copyOf(octets, length)) : Optional.empty();
  }

  /** The length of the IP and TCP headers at the start; 0 if there are none. */
  static int length(byte[] octets) {
    if (octets.length < 40) {
      return 0;
    }
    int version = (octets[0] & 0xf0) >> 4;
    int ip;
    if (version == 4) {
      ip = (octets[0] & 0x0f) * 4;
    } else if (version == 6) {
      ip = 40;
      int next = octets[6];
      while (next == 0 || next == 43 || next == 60) {
        if (ip + 8 > octets.length) {
          return 0;
        }
        next = octets[ip];
        ip += 8 + (octets[ip + 1] & 0xff) * 8;
      }
    } else {
      return 0;
    }
    if (ip < 20 || ip + 20 > octets.length) {
      return 0;
    }
    int tcp = ((octets[ip + 12] & 0xf0) >> 4) * 4;
    return tcp >= 20 && ip + tcp <= octets.length ? ip + tcp : 0;
  }
}

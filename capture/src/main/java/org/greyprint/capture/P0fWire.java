// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * p0f's query protocol (version 3): a query of 21 octets, a response of 232, integers in the byte
 * order of the machine, one query at a time on a connection.
 */
public final class P0fWire {
  public static final int QUERY_LENGTH = 21;
  public static final int RESPONSE_LENGTH = 232;

  public static final int BAD_QUERY = 0x00;
  public static final int OK = 0x10;
  public static final int NO_MATCH = 0x20;

  /** Bits of {@link Response#quality}. */
  public static final int FUZZY = 1;

  public static final int GENERIC = 2;

  /** What a distance that is not known looks like from p0f itself, whose field is an octet. */
  public static final int NO_DISTANCE = 255;

  private static final int QUERY_MAGIC = 0x50304601;
  private static final int RESPONSE_MAGIC = 0x50304602;
  private static final int TEXT = 32;

  private P0fWire() {}

  /**
   * What a response says.
   *
   * @param status {@link #BAD_QUERY}, {@link #OK} or {@link #NO_MATCH}; the rest is 0 unless OK
   * @param firstSeen seconds since 1970
   * @param lastSeen seconds since 1970
   * @param connections seen so far
   * @param uptimeMinutes 0 if not known
   * @param wrapDays the uptime is known modulo so many days
   * @param lastNat seconds since 1970, or 0 for never
   * @param lastChange of operating system; seconds since 1970, or 0 for never
   * @param distance hops, or {@link #NO_DISTANCE} or -1
   * @param badSoftware 1 or 2 where HTTP told another system
   * @param quality {@link #FUZZY} and {@link #GENERIC}
   * @param osName "" if not known
   * @param osFlavor may be ""
   * @param linkType "" if not known
   */
  public record Response(
      int status,
      long firstSeen,
      long lastSeen,
      long connections,
      long uptimeMinutes,
      long wrapDays,
      long lastNat,
      long lastChange,
      int distance,
      int badSoftware,
      int quality,
      String osName,
      String osFlavor,
      String linkType) {

    /** A response that says nothing but this status. */
    public static Response of(int status) {
      return new Response(status, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "", "", "");
    }
  }

  /** The 21 octets that ask for an address. */
  public static byte[] query(InetAddress address) {
    byte[] raw = address.getAddress();
    byte[] query = new byte[QUERY_LENGTH];
    ByteBuffer.wrap(query)
        .order(ByteOrder.nativeOrder())
        .putInt(QUERY_MAGIC)
        .put((byte) (raw.length == 4 ? 4 : 6))
        .put(raw);
    return query;
  }

  /**
   * The address that a query asks for.
   *
   * @param query at least 21 octets
   * @return empty for a bad query
   */
  public static Optional<InetAddress> address(byte[] query) {
    ByteBuffer buffer = ByteBuffer.wrap(query).order(ByteOrder.nativeOrder());
    if (buffer.getInt() != QUERY_MAGIC) {
      return Optional.empty();
    }
    int length =
        switch (buffer.get()) {
          case 4 -> 4;
          case 6 -> 16;
          default -> 0;
        };
    if (length == 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByAddress(Arrays.copyOfRange(query, 5, 5 + length)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The 232 octets of a response. Texts are cut to 31 octets, so that each ends with a zero. */
  public static byte[] encode(Response response) {
    byte[] bytes = new byte[RESPONSE_LENGTH];
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    b.putInt(RESPONSE_MAGIC).putInt(response.status);
    if (response.status != OK) {
      return bytes;
    }
    b.putInt((int) response.firstSeen).putInt((int) response.lastSeen);
    b.putInt((int) response.connections);
    b.putInt((int) response.uptimeMinutes).putInt((int) response.wrapDays);
    b.putInt((int) response.lastNat).putInt((int) response.lastChange);
    b.putShort((short) response.distance);
    b.put((byte) response.badSoftware).put((byte) response.quality);
    text(bytes, 40, response.osName);
    text(bytes, 72, response.osFlavor);
    text(bytes, 168, response.linkType);
    return bytes;
  }

  /** Reads a response; empty where the octets are none. */
  public static Optional<Response> decode(byte[] bytes) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    if (bytes.length != RESPONSE_LENGTH || b.getInt(0) != RESPONSE_MAGIC) {
      return Optional.empty();
    }
    int status = b.getInt(4);
    if (status != OK) {
      return Optional.of(Response.of(status));
    }
    return Optional.of(
        new Response(
            status,
            unsigned(b, 8),
            unsigned(b, 12),
            unsigned(b, 16),
            unsigned(b, 20),
            unsigned(b, 24),
            unsigned(b, 28),
            unsigned(b, 32),
            b.getShort(36),
            b.get(38),
            b.get(39),
            text(bytes, 40),
            text(bytes, 72),
            text(bytes, 168)));
  }

  private static long unsigned(ByteBuffer b, int at) {
    return b.getInt(at) & 0xffff_ffffL;
  }

  private static void text(byte[] bytes, int at, String text) {
    byte[] raw = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(raw, 0, bytes, at, Math.min(raw.length, TEXT - 1));
  }

  /** p0f leaves out the zero after a text of 32 octets. */
  private static String text(byte[] bytes, int at) {
    int length = 0;
    while (length < TEXT && bytes[at + length] != 0) {
      length++;
    }
    return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
  }
}

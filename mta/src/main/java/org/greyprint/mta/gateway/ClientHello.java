// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A TLS ClientHello (RFC 8446, 4.1.2), and its fingerprint JA4.
 *
 * <p>Source of JA4: FoxIO, "JA4: TLS Client Fingerprinting", BSD 3-clause. GREASE values (RFC 8701)
 * are left out.
 *
 * @param version the highest that is offered, e.g. 0x0304
 * @param sni the host it asks for, in lower case, or ""
 * @param ciphers offered, in order
 * @param extensions sent, in order
 * @param algorithms for signatures, in order
 * @param alpn the first protocol it names, or ""
 */
record ClientHello(
    int version,
    String sni,
    List<Integer> ciphers,
    List<Integer> extensions,
    List<Integer> algorithms,
    String alpn) {

  /**
   * Reads the body of a handshake message of type 1.
   *
   * @return empty if it is not well-formed
   */
  static Optional<ClientHello> parse(ByteBuffer in) {
    try {
      return Optional.of(read(in));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static ClientHello read(ByteBuffer in) {
    int version = word(in);
    skip(in, 32);
    skip(in, in.get() & 0xff);
    List<Integer> ciphers = words(part(in, word(in)));
    skip(in, in.get() & 0xff);
    List<Integer> extensions = new ArrayList<>();
    List<Integer> algorithms = List.of();
    String sni = "";
    String alpn = "";
    ByteBuffer all = in.hasRemaining() ? part(in, word(in)) : ByteBuffer.allocate(0);
    while (all.hasRemaining()) {
      int type = word(all);
      ByteBuffer body = part(all, word(all));
      if (grease(type)) {
        continue;
      }
      extensions.add(type);
      switch (type) {
        case 0x0000 -> sni = name(body);
        case 0x000d -> algorithms = words(part(body, word(body)));
        case 0x0010 -> alpn = protocol(body);
        case 0x002b -> version = highest(words(part(body, body.get() & 0xff)), version);
        default -> {}
      }
    }
    return new ClientHello(version, sni, ciphers, extensions, algorithms, alpn);
  }

  private static int highest(List<Integer> versions, int otherwise) {
    return versions.stream().max(Integer::compare).orElse(otherwise);
  }

  private static String name(ByteBuffer body) {
    if (!body.hasRemaining()) {
      return "";
    }
    ByteBuffer names = part(body, word(body));
    if (!names.hasRemaining() || names.get() != 0) {
      return "";
    }
    String name = text(part(names, word(names))).toLowerCase(Locale.ROOT);
    return name.matches("[a-z0-9._-]{1,255}") ? name : "";
  }

  private static String protocol(ByteBuffer body) {
    ByteBuffer names = part(body, word(body));
    return names.hasRemaining() ? text(part(names, names.get() & 0xff)) : "";
  }

  private static String text(ByteBuffer part) {
    byte[] octets = new byte[part.remaining()];
    part.get(octets);
    return new String(octets, StandardCharsets.ISO_8859_1);
  }

  private static List<Integer> words(ByteBuffer part) {
    List<Integer> words = new ArrayList<>(part.remaining() / 2);
    while (part.remaining() >= 2) {
      int word = word(part);
      if (!grease(word)) {
        words.add(word);
      }
    }
    return words;
  }

  private static int word(ByteBuffer in) {
    return in.getShort() & 0xffff;
  }

  private static void skip(ByteBuffer in, int count) {
    in.position(in.position() + count);
  }

  private static ByteBuffer part(ByteBuffer in, int length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    ByteBuffer part = in.slice(in.position(), length);
    skip(in, length);
    return part;
  }

  private static boolean grease(int word) {
    return (word & 0x0f0f) == 0x0a0a && word >> 8 == (word & 0xff);
  }

  /** The fingerprint, e.g. {@code t13d1516h2_8daaf6152771_e5627efa2ab1}. */
  String ja4() {
    String sorted =
        extensions.stream()
            .filter(type -> type != 0x0000 && type != 0x0010)
            .sorted()
            .map(ClientHello::hex)
            .collect(Collectors.joining(","));
    String signatures = algorithms.stream().map(ClientHello::hex).collect(Collectors.joining(","));
    return "t"
        + versionWord()
        + (extensions.contains(0) ? "d" : "i")
        + String.format(
            Locale.ROOT, "%02d%02d", Math.min(99, ciphers.size()), Math.min(99, extensions.size()))
        + alpnWord()
        + "_"
        + digest(ciphers.stream().sorted().map(ClientHello::hex).collect(Collectors.joining(",")))
        + "_"
        + digest(signatures.isEmpty() ? sorted : sorted + "_" + signatures);
  }

  private String versionWord() {
    return switch (version) {
      case 0x0304 -> "13";
      case 0x0303 -> "12";
      case 0x0302 -> "11";
      case 0x0301 -> "10";
      case 0x0300 -> "s3";
      case 0x0002 -> "s2";
      default -> "00";
    };
  }

  private String alpnWord() {
    if (alpn.isEmpty()) {
      return "00";
    }
    char first = alpn.charAt(0);
    char last = alpn.charAt(alpn.length() - 1);
    if (alphanumeric(first) && alphanumeric(last)) {
      return "" + first + last;
    }
    HexFormat hex = HexFormat.of();
    return "" + hex.toHighHexDigit(first) + hex.toLowHexDigit(last);
  }

  private static boolean alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  private static String hex(int word) {
    return HexFormat.of().toHexDigits((short) word);
  }

  private static String digest(String text) {
    if (text.isEmpty()) {
      return "000000000000";
    }
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(sum, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

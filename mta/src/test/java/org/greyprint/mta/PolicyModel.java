// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.greyprint.decision.Inquiry;
import org.greyprint.milter.Addresses;

/**
 * The simplest thing that answers a policy connection as it must be answered while every recipient
 * is refused with {@link #echo}: it sees the whole stream at once and works with copies. The fuzzer
 * compares the two.
 */
final class PolicyModel {
  private final StringBuilder output = new StringBuilder();
  private final Set<String> stamped = new HashSet<>();
  private boolean closed;
  private boolean unsettled;

  /** What must have been written in the end. */
  String output() {
    return output.toString();
  }

  /**
   * Whether it may be closed or not: a line of a request that is not whole is too long, which is
   * seen while the line is the last that has come, or when the request is whole.
   */
  boolean unsettled() {
    return unsettled;
  }

  /** Whether the connection must be closed. */
  boolean closed() {
    return closed;
  }

  /** A refusal that shows what was understood. */
  static String echo(Inquiry inquiry) {
    return String.join(
        "|",
        inquiry.client().address().getHostAddress(),
        Integer.toString(inquiry.client().port()),
        inquiry.client().reverseName(),
        inquiry.session().helo(),
        Integer.toString(inquiry.session().serverPort()),
        inquiry.session().tls(),
        inquiry.envelope().sender(),
        inquiry.envelope().recipient(),
        Long.toString(inquiry.envelope().size()));
  }

  /** Takes a whole stream, octets as ISO 8859-1. */
  void take(String stream) {
    String rest = stream;
    while (!closed) {
      int end = rest.startsWith("\n") ? 0 : rest.indexOf("\n\n") + 1;
      if (end == 0 && !rest.startsWith("\n")) {
        closed = rest.length() > 64 * 1024 || rest.length() - rest.lastIndexOf('\n') > 8 * 1024 + 2;
        unsettled = rest.lines().anyMatch(line -> line.length() > 8 * 1024);
        return;
      }
      if (end > 64 * 1024 || !request(rest.substring(0, end))) {
        closed = true;
      }
      rest = rest.substring(end + 1);
    }
  }

  private boolean request(String text) {
    Map<String, String> attributes = new LinkedHashMap<>();
    int lines = 0;
    for (String line : text.isEmpty() ? List.<String>of() : List.of(text.split("\n", -1))) {
      int equals = line.indexOf('=');
      if (line.isEmpty()) {
        continue; // what follows the last LF
      }
      boolean sound =
          line.length() <= 8 * 1024
              && equals > 0
              && equals <= 512
              && line.indexOf(0) < 0
              && lines++ < 100;
      if (!sound) {
        return false;
      }
      attributes.put(line.substring(0, equals), utf8(line.substring(equals + 1)));
    }
    if (!"smtpd_access_policy".equals(attributes.get("request"))) {
      return false;
    }
    output.append("action=").append(action(attributes)).append("\n\n");
    return true;
  }

  private String action(Map<String, String> attributes) {
    Optional<InetAddress> address = Addresses.parse(attributes.getOrDefault("client_address", ""));
    String instance = attributes.getOrDefault("instance", "");
    String sender = attributes.getOrDefault("sender", "");
    boolean asked =
        attributes.getOrDefault("protocol_state", "").equals("RCPT")
            && !attributes.getOrDefault("recipient", "").isEmpty()
            && address.isPresent()
            && !(sender.isEmpty() && instance.isEmpty());
    if (!asked) {
      return "DUNNO";
    }
    if (address.get().isLoopbackAddress()
        || !attributes.getOrDefault("sasl_username", "").isEmpty()) {
      return instance.isEmpty() || stamped.add(instance) ? "PREPEND X-P0f-OS: UNKNOWN" : "DUNNO";
    }
    String reverse = attributes.getOrDefault("reverse_client_name", "");
    String text =
        String.join(
            "|",
            address.get().getHostAddress(),
            Long.toString(number(attributes.get("client_port"), 5, 65535)),
            reverse.equals("unknown") ? "" : reverse,
            attributes.getOrDefault("helo_name", ""),
            Long.toString(number(attributes.get("server_port"), 5, 65535)),
            attributes.getOrDefault("encryption_protocol", ""),
            sender,
            attributes.get("recipient"),
            Long.toString(number(attributes.get("size"), 18, Long.MAX_VALUE)));
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < Math.min(400, text.length()); i++) {
      printable.append(text.charAt(i) >= ' ' && text.charAt(i) <= '~' ? text.charAt(i) : '?');
    }
    return "550 5.7.1 " + printable;
  }

  private static long number(
      @org.jspecify.annotations.Nullable String text, int digits, long most) {
    if (text == null || text.isEmpty() || text.length() > digits) {
      return 0;
    }
    for (char c : text.toCharArray()) {
      if (c < '0' || c > '9') {
        return 0;
      }
    }
    long value = Long.parseLong(text);
    return value > most ? 0 : value;
  }

  private static String utf8(String octets) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return octets;
    }
  }
}

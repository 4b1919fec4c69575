// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;

/** Inquiries for tests. */
final class Inquiries {
  static final Instant TIME = Instant.parse("2026-01-31T12:00:00Z");

  private Inquiries() {}

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static Optional<Fingerprint> os(String family, String flavor, Role role) {
    return Optional.of(
        new Fingerprint(
            new OperatingSystem(family, family, flavor, role, Quality.EXACT, 0.98),
            12,
            "Ethernet or modem",
            1500,
            "4:116+12:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"));
  }

  static Optional<Fingerprint> windowsPc() {
    return os("Windows", "10 or 11", Role.CLIENT);
  }

  static Optional<Fingerprint> windowsServer() {
    return os("Windows", "Server 2012 or newer", Role.SERVER);
  }

  static Optional<Fingerprint> linux() {
    return os("Linux", "4.20 or newer", Role.UNKNOWN);
  }

  static Inquiry from(String address, Optional<Fingerprint> print) {
    return new Inquiry(
        TIME,
        new Inquiry.Client(address(address), 50000, "", ""),
        new Inquiry.Session("milter", "s-" + address, 25, "mail.example.org", "", ""),
        new Inquiry.Envelope("m1", "Anna@Example.org", "bob@example.net", 4000),
        print,
        Map.of());
  }

  static Inquiry session(Inquiry of, String helo, String login) {
    Inquiry.Session s = of.session();
    return new Inquiry(
        of.time(),
        of.client(),
        new Inquiry.Session(s.face(), s.id(), s.serverPort(), helo, login, s.tls()),
        of.envelope(),
        of.fingerprint(),
        of.extra());
  }

  static Inquiry sender(Inquiry of, String sender) {
    return new Inquiry(
        of.time(),
        of.client(),
        of.session(),
        new Inquiry.Envelope("m1", sender, of.envelope().recipient(), 0),
        of.fingerprint(),
        of.extra());
  }

  static Inquiry extra(Inquiry of, Map<String, Object> extra) {
    return new Inquiry(
        of.time(), of.client(), of.session(), of.envelope(), of.fingerprint(), extra);
  }
}

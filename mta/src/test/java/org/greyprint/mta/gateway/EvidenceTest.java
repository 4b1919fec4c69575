// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.junit.jupiter.api.Test;

/** What the SYN and the ClientHello say of the system, side by side. */
class EvidenceTest {
  private static final ClientHello OF_WINDOWS =
      new ClientHello(
          0x0303,
          "",
          List.of(0xc02c, 0xc02b, 0xc030, 0xc02f, 0xc024, 0xc028),
          List.of(10, 11, 13, 35, 23, 0xff01),
          List.of(0x0401),
          "");
  private static final ClientHello OF_ANY =
      new ClientHello(0x0303, "", List.of(0xc02c, 0xcca9), List.of(10, 22), List.of(), "");

  private static Evidence seen(ClientHello hello, String family) {
    Evidence evidence = new Evidence();
    evidence.hello(hello);
    OperatingSystem os = new OperatingSystem(family, family, "", Role.UNKNOWN, Quality.EXACT, 0.9);
    evidence.system(Optional.of(new Fingerprint(os, 3, "", 1500, "")));
    return evidence;
  }

  @Test
  void theSynAndTheClientHelloAgreeOrNot() {
    assertThat(seen(OF_WINDOWS, "Windows").now())
        .containsEntry("tls.system", "Windows")
        .containsEntry("tls.agrees", true);
    assertThat(seen(OF_WINDOWS, "Linux").now()).containsEntry("tls.agrees", false);
    assertThat(seen(OF_ANY, "Linux").now())
        .containsEntry("tls.system", "")
        .doesNotContainKey("tls.agrees");
    assertThat(seen(OF_WINDOWS, OperatingSystem.UNKNOWN.family()).now())
        .doesNotContainKey("tls.agrees");
  }

  @Test
  void commandsShowTheirDialect() {
    Evidence evidence = new Evidence();
    evidence.command(Command.of("mail from:<a@b>", false));
    evidence.path(Command.of("mail from:<a@b>", false), "FROM:");
    assertThat(evidence.now())
        .containsEntry("dialect.verbs", "lower")
        .containsEntry("dialect.blanks", false)
        .containsEntry("dialect.brackets", true);
    evidence.command(Command.of("RCPT TO: c@d", true));
    evidence.path(Command.of("RCPT TO: c@d", true), "TO:");
    assertThat(evidence.now())
        .containsEntry("dialect.verbs", "mixed")
        .containsEntry("dialect.blanks", true)
        .containsEntry("dialect.brackets", false)
        .containsEntry("dialect.bare-lf", true);
  }
}

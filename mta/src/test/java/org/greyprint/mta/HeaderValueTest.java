// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.junit.jupiter.api.Test;

class HeaderValueTest {
  @Test
  void saysWhatIsKnown() {
    assertThat(HeaderValue.of(FakeDecider.WINDOWS))
        .isEqualTo(
            "Windows 10 or 11 [role=client quality=exact confidence=0.98 distance=12"
                + " link=\"Ethernet or modem\"]");
  }

  @Test
  void leavesOutWhatIsNot() {
    OperatingSystem os =
        new OperatingSystem("Linux", "Linux", "", Role.UNKNOWN, Quality.FUZZY, 2.0 / 3);
    assertThat(HeaderValue.of(new Fingerprint(os, -1, "", 0, "")))
        .isEqualTo("Linux [role=unknown quality=fuzzy confidence=0.67]");
  }

  @Test
  void saysUnknownAndNothingElse() {
    assertThat(HeaderValue.of(Optional.empty())).isEqualTo("UNKNOWN");
    assertThat(HeaderValue.of(new Fingerprint(OperatingSystem.UNKNOWN, 3, "VPN", 1400, "4:64")))
        .isEqualTo("UNKNOWN");
  }

  @Test
  void letsNoSignatureFileBreakOut() {
    OperatingSystem os =
        new OperatingSystem(
            "x",
            "A [role=server]\r\nB: c",
            "\u00fc" + "y".repeat(500),
            Role.CLIENT,
            Quality.EXACT,
            1);
    assertThat(HeaderValue.of(new Fingerprint(os, 0, "a\" x=\"b", 0, "")))
        .matches("A \\(role=server\\)\\?\\?B: c \\?y+ \\[[^\\[\\]]* link=\"a' x='b\"\\]")
        .hasSizeLessThan(350);
  }
}

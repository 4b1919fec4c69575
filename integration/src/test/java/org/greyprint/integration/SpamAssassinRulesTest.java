// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** spamassassin/greyprint.cf in the real SpamAssassin. */
@Tag("peer")
@Needs("spamassassin")
class SpamAssassinRulesTest {
  /** The block-list is not asked, so a header of the test says what it would have answered. */
  private static final String PBL =
      "header RCVD_IN_PBL X-Test-Pbl =~ /yes/\ntflags RCVD_IN_PBL nice\nscore RCVD_IN_PBL 0.001\n";

  private static final String WINDOWS =
      "X-P0f-OS: Windows 10 or 11 [role=client quality=exact confidence=0.98 distance=12]\n";
  private static final Map<String, BigDecimal> NOTHING = Map.of();
  private static final Map<String, BigDecimal> ALONE =
      Map.of("GREYPRINT_WINDOWS", new BigDecimal("0.8"));
  private static final Map<String, BigDecimal> ONE_MORE =
      Map.of(
          "GREYPRINT_WINDOWS", new BigDecimal("0.8"),
          "GREYPRINT_WINDOWS_ODD", new BigDecimal("0.9"));
  private static final Map<String, BigDecimal> TWO_MORE =
      Map.of(
          "GREYPRINT_WINDOWS", new BigDecimal("0.8"),
          "GREYPRINT_WINDOWS_BOT", new BigDecimal("1.7"));

  @TempDir private Path folder;

  private static String message(String helo, String rdns, String headers) {
    return "Received: from "
        + helo
        + " ("
        + rdns
        + " [198.51.100.7])\n\tby mx.example.net (Postfix) with ESMTP id 9FE5218603D\n"
        + "\tfor <u@example.net>; Sat, 31 Jan 2026 12:00:00 +0000 (UTC)\n"
        + headers
        + "Date: Sat, 31 Jan 2026 12:00:00 +0000\nFrom: a@isp.example\nTo: u@example.net\n"
        + "Subject: hello\nMessage-Id: <1@isp.example>\n\nHello there, how are you?\n";
  }

  @Test
  void giveTheirPointsToWindowsClientsAndNobodyElse() throws Exception {
    String name = "mail.isp.example";
    List<String> messages =
        List.of(
            message(name, name, WINDOWS),
            message(name, "unknown", WINDOWS),
            message("other.example", name, WINDOWS),
            message(name, name, WINDOWS + "X-Test-Pbl: yes\n"),
            message("other.example", name, WINDOWS + "X-Test-Pbl: yes\n"),
            message("PC", "unknown", WINDOWS + "X-Test-Pbl: yes\n"),
            message("PC", "unknown", "X-P0f-OS: UNKNOWN\nX-Test-Pbl: yes\n"),
            message("PC", "unknown", "X-Test-Pbl: yes\n"),
            message(
                "PC",
                "unknown",
                "X-P0f-OS: Windows Server 2012 or newer [role=server quality=exact]\n"),
            message("PC", "unknown", "X-P0f-OS: Windows NT [role=server quality=generic]\n"),
            message("PC", "unknown", "X-P0f-OS: Linux [role=unknown]\n" + WINDOWS),
            message(name, name, WINDOWS + "x-p0f-os: Linux\nX-P0F-OS: Windows Server 2022\n"),
            message("PC", "unknown", "X-P0f-OS: UNKNOWN\n" + WINDOWS + "X-P0f-OS: Linux\n"),
            message(name, name, "X-P0f-OS: Windows XP\n"));
    assertThat(new SpamAssassin(folder, PBL).points(messages))
        .containsExactly(
            ALONE, ONE_MORE, ONE_MORE, ONE_MORE, TWO_MORE, TWO_MORE, NOTHING, NOTHING, NOTHING,
            NOTHING, NOTHING, ALONE, NOTHING, ALONE);
  }

  @Test
  void passLint() throws Exception {
    assertThat(new SpamAssassin(folder, "").lint().out()).isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EntriesTest {
  private static final String UNKNOWN = "020405b40402010303050101";

  private static String signature(int ttl, String options) {
    byte[] packet = FingerprinterTest.syn(false, ttl, 8888, options, true, 0, 2);
    Fingerprint found = new Fingerprinter(List.of()).read(packet, 0, packet.length).orElseThrow();
    return Entries.signature(found.signature());
  }

  @Test
  void isTheSameAtEveryDistanceAndMss() {
    String entry = signature(128, UNKNOWN);
    assertThat(entry).isEqualTo("4:128:0:*:8888,5:mss,sok,nop,ws,nop,nop:df,id+:0");
    assertThat(signature(97, UNKNOWN)).isEqualTo(entry);
    assertThat(signature(116, UNKNOWN.replace("05b4", "0550"))).isEqualTo(entry);
    assertThat(signature(64, UNKNOWN)).startsWith("4:64:");
    assertThat(signature(0, UNKNOWN)).startsWith("4:32:");
    assertThat(signature(200, UNKNOWN)).startsWith("4:255:");
    assertThat(signature(60, "")).isEqualTo("4:64:0:0:8888,0::df,id+:0");
  }

  @Test
  void namesTheSynOnceItIsPastedIn() {
    SynForge forge = new SynForge(Database.builtin().signatures(), 23);
    Fingerprinter nobody = new Fingerprinter(List.of());
    int tried = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] packet = forge.packet(i);
      Fingerprint unknown = nobody.read(packet, 0, packet.length).orElse(null);
      if (unknown == null) {
        continue;
      }
      String text = Entries.text(Entries.signature(unknown.signature()), 3);
      assertThat(text).startsWith("; seen 3 times\nlabel = s:other:NAME:FLAVOR\nsig   = ");
      Database pasted = (Database) Database.parse("x", "[tcp:request]\n" + text);
      Fingerprint known =
          new Fingerprinter(List.of(pasted)).read(packet, 0, packet.length).orElseThrow();
      assertThat(known.os().label()).as(unknown.signature()).isEqualTo("NAME FLAVOR");
      assertThat(known.os().quality()).as(unknown.signature()).isIn(Quality.EXACT, Quality.FUZZY);
      tried++;
    }
    assertThat(tried).isGreaterThan(2500);
  }
}

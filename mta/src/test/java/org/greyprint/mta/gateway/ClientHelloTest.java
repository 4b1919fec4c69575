// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientHelloTest {
  private static List<Integer> words(String hex) {
    return Arrays.stream(hex.split(",")).map(HexFormat::fromHexDigits).toList();
  }

  /** The example of JA4's own description. */
  @Test
  void makesThePublishedFingerprint() {
    ClientHello hello =
        new ClientHello(
            0x0304,
            "example.org",
            words("1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"),
            words(
                "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"),
            words("0403,0804,0401,0503,0805,0501,0806,0601"),
            "h2");
    assertThat(hello.ja4()).isEqualTo("t13d1516h2_8daaf6152771_e5627efa2ab1");
  }

  /** Windows 10's WinINet and WinHTTP, as FoxIO published them. */
  @Test
  void knowsSchannelAndNothingElse() {
    String suites = "c02c,c02b,c030,c02f,";
    String more = "c024,c023,c028,c027,c00a,c009,c014,c013,009d,009c,003d,003c,0035,002f,000a";
    String signed = "0401,0501,0201,0403,0503,0203,0202,0601,0603";
    String algorithms = "0804,0805,0806," + signed;
    String extensions = "0000,0005,000a,000b,000d,0023,0017,ff01";
    ClientHello winInet = hello(suites + more, extensions, signed);
    ClientHello winHttp = hello(suites + "009f,009e," + more, extensions, signed);
    assertThat(winInet.ja4()).isEqualTo("t12d190800_d83cc789557e_16bbda4055b2");
    assertThat(winHttp.ja4()).isEqualTo("t12d210800_76e208dd3e22_16bbda4055b2");
    assertThat(hello(suites + more, extensions, algorithms).ja4())
        .as("in FoxIO's latest.pcapng")
        .isEqualTo("t12d190800_d83cc789557e_7af1ed941c26");
    assertThat(Schannel.made(winInet)).isTrue();
    assertThat(Schannel.made(winHttp)).isTrue();
    assertThat(Schannel.made(hello("1302,1301," + suites + more, extensions, algorithms))).isTrue();
    assertThat(Schannel.made(hello("c02c,c030,c028,003d", extensions, algorithms)))
        .as("with suites taken away")
        .isTrue();
    String openSsl = "1302,1303,1301,c02c,c030,009f,cca9,cca8,ccaa,c02b,c02f,009e,c024,c028";
    assertThat(Schannel.made(hello(openSsl, extensions + ",0016", algorithms))).isFalse();
    assertThat(Schannel.made(hello(suites + more, extensions + ",0016", algorithms))).isFalse();
    assertThat(Schannel.made(hello("c030,c02c,c028,c024", extensions, algorithms))).isFalse();
    assertThat(Schannel.made(hello("c02c,c02b", extensions, algorithms))).isFalse();
    assertThat(Schannel.made(hello(suites + more, "0000,000a", algorithms))).isFalse();
  }

  private static ClientHello hello(String ciphers, String extensions, String algorithms) {
    return new ClientHello(
        0x0303, "example.org", words(ciphers), words(extensions), words(algorithms), "");
  }

  @Test
  void readsAHelloAndLeavesGreaseOut() {
    String body =
        "0303"
            + "00".repeat(32)
            + "00"
            + "0006"
            + "0a0a1301c02f"
            + "0100"
            + "0027"
            + "1a1a0000"
            + "0000"
            + "0010"
            + "000e00000b"
            + "4578616d706c652e6f7267"
            + "000d"
            + "0004"
            + "00020403"
            + "002b"
            + "0003"
            + "020304";
    ClientHello hello =
        ClientHello.parse(ByteBuffer.wrap(HexFormat.of().parseHex(body))).orElseThrow();
    assertThat(hello)
        .isEqualTo(
            new ClientHello(
                0x0304,
                "example.org",
                words("1301,c02f"),
                words("0000,000d,002b"),
                words("0403"),
                ""));
    assertThat(hello.ja4()).startsWith("t13d020300_");
    assertThat(ClientHello.parse(ByteBuffer.wrap(HexFormat.of().parseHex(body), 0, 60))).isEmpty();
  }
}

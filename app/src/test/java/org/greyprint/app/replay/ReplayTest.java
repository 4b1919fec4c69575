// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TimeZone;
import org.greyprint.app.replay.Replay.Format;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.P0fReport;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ReplayTest {
  private static final byte[] SYN =
      HexFormat.of()
          .parseHex(
              "4500003400074000740600004e00020701020304"
                  + "c350001900000001000000008002faf000000000"
                  + "020405b40103030801010402");
  private static final byte[] SYN6 =
      HexFormat.of()
          .parseHex(
              "60000000001c0640"
                  + "20010db8000000000000000000000007"
                  + "fe800000000000010000000000000001"
                  + "0001001900000002000000007002000200000000020405a001010402");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private static Fingerprinter.Both describe(byte[] packet, int start, int end) {
    boolean windows = (packet[start] & 0xf0) == 0x40;
    OperatingSystem os =
        windows
            ? new OperatingSystem(
                "Windows", "Windows", "10 or 11", Role.CLIENT, Quality.EXACT, 0.98)
            : OperatingSystem.UNKNOWN;
    return new Fingerprinter.Both(
        new Fingerprint(
            os, windows ? 12 : -1, windows ? "Ethernet \"or\" modem" : "", 1500, "4:116+12:0"),
        new P0fReport(
            false,
            windows ? "Windows 7 or 8" : "???",
            "12",
            "none",
            "4:116+12:0:1460",
            windows ? "Ethernet or modem" : "",
            1500));
  }

  private Path pcap(byte[]... packets) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(100_000).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0xa1b2c3d4).putInt(0x00040002).putLong(0).putInt(65535).putInt(101);
    int n = 0;
    for (byte[] packet : packets) {
      b.putInt(1_769_860_800 + n++).putInt(123_456).putInt(packet.length).putInt(packet.length);
      b.put(packet);
    }
    Path file = folder.resolve("test.pcap");
    Files.write(file, Arrays.copyOf(b.array(), b.position()));
    return file;
  }

  private String run(Format format, boolean summary, Path... files) throws IOException {
    out.reset();
    err.reset();
    List<String> names = Arrays.stream(files).map(Path::toString).toList();
    Replay replay =
        new Replay(
            new Replay.Settings(names, format, summary),
            ReplayTest::describe,
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            TimeZone.getTimeZone("UTC"),
            false);
    well = replay.run();
    return out.toString(StandardCharsets.UTF_8);
  }

  private boolean well;

  @Test
  void writesTheLinesOfP0f() throws IOException {
    assertThat(run(Format.P0F, false, pcap(SYN, SYN6)))
        .isEqualTo(
            """
            [2026/01/31 12:00:00] mod=syn|cli=78.0.2.7/50000|srv=1.2.3.4/25|subj=cli|\
            os=Windows 7 or 8|dist=12|params=none|raw_sig=4:116+12:0:1460
            [2026/01/31 12:00:00] mod=mtu|cli=78.0.2.7/50000|srv=1.2.3.4/25|subj=cli|\
            link=Ethernet or modem|raw_mtu=1500
            [2026/01/31 12:00:01] mod=syn|cli=2001:db8:0:0:0:0:0:7/1|srv=fe80:0:0:1:0:0:0:1/25|\
            subj=cli|os=???|dist=12|params=none|raw_sig=4:116+12:0:1460
            """);
    assertThat(well).isTrue();
  }

  @Test
  void passesOverRepetitionsAsP0fDoes() throws IOException {
    byte[] other = SYN.clone();
    other[27] = 9;
    assertThat(run(Format.P0F, false, pcap(SYN, SYN, other)).lines()).hasSize(4);
    assertThat(run(Format.JSON, false, pcap(SYN, SYN, other)).lines()).hasSize(3);
  }

  @Test
  void writesOneJsonObjectEach() throws IOException {
    List<String> lines = run(Format.JSON, false, pcap(SYN, SYN6)).lines().toList();
    JsonNode first = new ObjectMapper().readTree(lines.get(0));
    assertThat(lines.get(0))
        .startsWith(
            "{\"time\":\"2026-01-31T12:00:00.123456Z\",\"client\":\"78.0.2.7\","
                + "\"clientPort\":50000,\"server\":\"1.2.3.4\",\"serverPort\":25,"
                + "\"os\":{\"family\":\"Windows\"");
    assertThat(first.get("os").get("flavor").asString()).isEqualTo("10 or 11");
    assertThat(first.get("os").get("confidence").asDouble()).isEqualTo(0.98);
    assertThat(first.get("link").asString()).isEqualTo("Ethernet \"or\" modem");
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    assertThat(second.get("client").asString()).isEqualTo("2001:db8::7");
    assertThat(second.get("server").asString()).isEqualTo("fe80:0:0:1::1");
    assertThat(second.get("distance").isNull()).isTrue();
    assertThat(second.get("os").get("family").asString()).isEqualTo("unknown");
  }

  @Test
  void writesTextForPeople() throws IOException {
    assertThat(run(Format.TEXT, false, pcap(SYN, SYN6)))
        .isEqualTo(
            """
            2026-01-31 12:00:00.123456 78.0.2.7:50000 > 1.2.3.4:25 Windows 10 or 11 [role=client \
            quality=exact confidence=0.98 distance=12 link="Ethernet "or" modem"] 4:116+12:0
            2026-01-31 12:00:01.123456 [2001:db8::7]:1 > [fe80:0:0:1::1]:25 UNKNOWN [role=unknown \
            quality=none confidence=0.0] 4:116+12:0
            """);
  }

  @Test
  void sumsUp() throws IOException {
    Path file = pcap(SYN, SYN, SYN, SYN6);
    assertThat(run(Format.TEXT, true, file, file))
        .isEqualTo(
            """
            family   system            role             SYNs   share
            Windows  Windows 10 or 11  client              6   75.0%  ██████████████████████████████
            unknown  UNKNOWN           unknown             2   25.0%  ██████████
            all                                            8  100.0%
            """);
    assertThat(run(Format.JSON, true, file).lines())
        .containsExactly(
            "{\"family\":\"Windows\",\"system\":\"Windows 10 or 11\",\"role\":\"client\","
                + "\"count\":3,\"share\":0.75}",
            "{\"family\":\"unknown\",\"system\":\"UNKNOWN\",\"role\":\"unknown\","
                + "\"count\":1,\"share\":0.25}");
  }

  @Test
  void saysWhatIsWrongWithAFileAndKeepsWhatItRead() throws IOException {
    Path file = pcap(SYN, SYN6);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
    assertThat(run(Format.JSON, false, file, folder.resolve("none"), folder).lines()).hasSize(1);
    assertThat(well).isFalse();
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "greyprint: "
                + file
                + ": at octet 92: the file ends within a packet; 1 SYNs before it were read",
            "greyprint: " + folder.resolve("none") + ": no such file",
            "greyprint: " + folder + ": is a directory");
  }

  @Test
  void writesMoreThanABufferWhole() throws IOException {
    byte[][] many = new byte[500][];
    for (int i = 0; i < many.length; i++) {
      many[i] = SYN.clone();
      many[i][26] = (byte) i;
      many[i][25] = (byte) (i >> 8);
    }
    List<String> lines = run(Format.P0F, false, pcap(many)).lines().toList();
    assertThat(lines).hasSize(1000);
    assertThat(lines).allMatch(line -> line.endsWith("1460") || line.endsWith("=1500"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.greyprint.milter.Command;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterClient;
import org.greyprint.milter.Reply;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * SIGTERM comes to the real {@code serve} while mail servers wait for answers, and in the middle of
 * a message: they get them, and nobody new is taken.
 */
@Tag("peer")
@Needs(
    value = {"ip", "nft", "python3"},
    root = true)
class StopTest {
  /** Takes questions, notes them, and answers none: decisions wait until their deadline. */
  private static final String SILENT_DNS =
      """
      import socket
      s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      s.bind(("127.0.0.1", 5399))
      print("ready", flush=True)
      while True: print(s.recv(600), flush=True)
      """;

  @Test
  void whatIsUnderWayAtSigtermComesToItsEnd() throws Exception {
    Serve.build();
    try (Testbed testbed = Testbed.up()) {
      Path questions = testbed.folder().resolve("questions");
      Process dns = testbed.start(Testbed.MX, questions, "python3", "-uc", SILENT_DNS);
      await().until(() -> Files.readString(questions).contains("ready"));
      String configuration =
          Serve.configuration(
              "mail0",
              Duration.ofSeconds(3),
              "dns: {servers: ['127.0.0.1:5399'], deadline: 4s, try-timeout: 4s}",
              "rules:",
              "  - {name: spf, when: dns.spf == 'pass', then: deliver}",
              "  - {name: rest, then: mark, points: 1}");
      try (Serve serve = Serve.start(testbed, configuration);
          SocketChannel asks = PolicyClient.connect(serve.policySocket());
          SocketChannel idle = PolicyClient.connect(serve.policySocket());
          MilterClient mta = MilterClient.connect(new Endpoint.Unix(serve.milterSocket()))) {
        CompletableFuture<String> policy =
            CompletableFuture.supplyAsync(() -> {
              try {
                return PolicyClient.ask(asks, "running");
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
        mta.negotiate();
        mta.ask(new Command.Connect("pc.example", '4', 1024, "198.51.100.9"));
        mta.ask(new Command.Mail("<a@milter.example>", List.of()));
        mta.send(new Command.Rcpt("<b@example.net>", List.of()));
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> Files.readString(questions).contains("\\x03isp"));
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> Files.readString(questions).contains("\\x06milter"));
        assertThat(policy).as("nothing is answered yet").isNotDone();
        Programs.run(Duration.ofSeconds(5), List.of("kill", "-TERM", Long.toString(serve.pid())));
        assertThat(idle.read(ByteBuffer.allocate(1))).as("closed, being idle").isEqualTo(-1);
        assertThat(policy.get()).startsWith("action=").endsWith("\n\n");
        assertThat(asks.read(ByteBuffer.allocate(1))).as("then closed").isEqualTo(-1);
        assertThat(mta.receive()).isInstanceOf(Reply.Continue.class);
        assertThat(mta.endOfMessage().getLast()).isInstanceOf(Reply.Continue.class);
        assertThatThrownBy(mta::receive).isInstanceOf(EOFException.class);
        await().atMost(Duration.ofSeconds(30)).until(() -> ProcessHandle.of(serve.pid()).isEmpty());
        assertThat(serve.log()).doesNotContain("cut off");
      } finally {
        dns.destroy();
        dns.waitFor();
      }
    }
  }
}

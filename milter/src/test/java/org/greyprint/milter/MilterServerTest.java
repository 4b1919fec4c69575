// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MilterServerTest {
  private static final Endpoint ANY_PORT = new Endpoint.Inet("127.0.0.1", 0);

  @TempDir private Path folder;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  private MilterServer start(MilterSettings settings, Endpoint... endpoints) throws IOException {
    return MilterServer.start(
        List.of(endpoints), settings, StampFilter.WISHES, s -> new StampFilter(s, log));
  }

  @Test
  void servesTcpAndUnixSocketsAlike() throws Exception {
    Endpoint unix = new Endpoint.Unix(folder.resolve("m.sock"));
    try (MilterServer server =
        start(MilterSettings.DEFAULT, unix, ANY_PORT, new Endpoint.Inet("::1", 0))) {
      for (Endpoint endpoint : server.endpoints()) {
        try (MilterClient mta = MilterClient.connect(endpoint)) {
          assertThat(mta.negotiate().version()).isEqualTo(6);
          mta.ask(new Command.Connect("h", '4', 1024, "192.0.2.1"));
          mta.ask(new Command.Mail("<a@b>", List.of()));
          assertThat(mta.ask(new Command.Rcpt("<later@d>", List.of())))
              .isEqualTo(Reply.Code.of(451, "4.7.1", "Come again, 100% sure"));
          mta.send(new Command.Header("x-stamp", "1"), new Command.Header("X-Stamp", "2"));
          assertThat(mta.endOfMessage())
              .containsExactly(
                  new Reply.ChangeHeader(2, "X-Stamp", ""),
                  new Reply.ChangeHeader(1, "X-Stamp", ""),
                  new Reply.InsertHeader(1, "X-Stamp", "message 1 Bcc: x"),
                  new Reply.Continue());
        }
      }
      await().until(() -> server.counters().open() == 0);
      assertThat(server.counters().sessions()).isEqualTo(3);
      assertThat(log).filteredOn("closed"::equals).hasSize(3);
    }
    assertThat(folder.resolve("m.sock")).doesNotExist();
  }

  @Test
  void letsEveryoneWriteToItsSocketAndReplacesADeadOne() throws Exception {
    Path path = folder.resolve("m.sock");
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(path))
        .close();
    assertThat(path).exists();
    try (MilterServer server = start(MilterSettings.DEFAULT, new Endpoint.Unix(path))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-rw-rw-");
      assertThat(server.endpoints()).containsExactly(new Endpoint.Unix(path));
    }
  }

  @Test
  void saysWhyItCannotListen() throws Exception {
    Path path = folder.resolve("m.sock");
    try (MilterServer server = start(MilterSettings.DEFAULT, new Endpoint.Unix(path), ANY_PORT)) {
      assertThatThrownBy(() -> start(MilterSettings.DEFAULT, new Endpoint.Unix(path)).close())
          .hasMessageContaining("another process listens there already");
      Endpoint taken = server.endpoints().get(1);
      assertThatThrownBy(() -> start(MilterSettings.DEFAULT, taken).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on " + taken)
          .hasMessageContaining("Address already in use")
          .hasCauseInstanceOf(IOException.class);
    }
    Path file = Files.writeString(folder.resolve("file"), "precious");
    assertThatThrownBy(() -> start(MilterSettings.DEFAULT, new Endpoint.Unix(file)).close())
        .hasMessageContaining("is no socket");
    assertThat(file).hasContent("precious");
  }

  @Test
  void closesWhatIsTooMuch() throws Exception {
    MilterSettings two = new MilterSettings(Duration.ofSeconds(5), Duration.ofHours(1), 4096, 2, 1);
    try (MilterServer server = start(two, ANY_PORT);
        MilterClient first = MilterClient.connect(server.endpoints().getFirst());
        MilterClient second = MilterClient.connect(server.endpoints().getFirst())) {
      first.negotiate();
      second.negotiate();
      try (MilterClient third = MilterClient.connect(server.endpoints().getFirst())) {
        assertThatThrownBy(third::negotiate).isInstanceOf(IOException.class);
      }
      assertThat(server.counters().refused()).isEqualTo(1);
      first.send(new Command.Quit());
      assertThatThrownBy(first::receive).isInstanceOf(EOFException.class);
      try (MilterClient fourth = MilterClient.connect(server.endpoints().getFirst())) {
        assertThat(fourth.negotiate().version()).isEqualTo(6);
      }
    }
  }

  @Test
  void takesNoFrameAboveItsLimit() throws Exception {
    try (MilterServer server = start(MilterSettings.DEFAULT, ANY_PORT);
        MilterClient mta = MilterClient.connect(server.endpoints().getFirst())) {
      mta.negotiate();
      int limit = MilterSettings.DEFAULT.maxFrame();
      mta.send(new Command.Body(ByteBuffer.allocate(limit - 1)));
      assertThat(mta.receive()).isEqualTo(new Reply.Continue());
      mta.send(new Command.Body(ByteBuffer.allocate(limit)));
      assertThatThrownBy(mta::receive).isInstanceOf(IOException.class);
      assertThat(server.counters().malformed()).isEqualTo(1);
    }
  }

  @Test
  @Tag("peer")
  @Needs("miltertest")
  void satisfiesMiltertest() throws Exception {
    try (MilterServer server = start(MilterSettings.DEFAULT, ANY_PORT)) {
      int port = ((Endpoint.Inet) server.endpoints().getFirst()).port();
      Programs.Result result =
          Programs.run(
              Duration.ofSeconds(20),
              List.of(
                  "miltertest",
                  "-D",
                  "socket=inet:" + port + "@127.0.0.1",
                  "-s",
                  "src/test/resources/stamp.lua"));
      assertThat(result.out()).contains("all is well");
      assertThat(result.status()).isZero();
    }
  }

  @Test
  void whatIsUnderWayComesToItsEndBeforeItCloses() throws Exception {
    CompletableFuture<Handler.Ending> late = new CompletableFuture<>();
    CountDownLatch asked = new CountDownLatch(1);
    Handler handler =
        new Handler() {
          @Override
          public CompletionStage<Ending> endOfMessage(Command.EndOfMessage end) {
            asked.countDown();
            return late;
          }
        };
    MilterServer server =
        MilterServer.start(
            List.of(ANY_PORT), MilterSettings.DEFAULT, StampFilter.WISHES, s -> handler);
    Endpoint endpoint = server.endpoints().getFirst();
    try (MilterClient waits = MilterClient.connect(endpoint);
        MilterClient idle = MilterClient.connect(endpoint);
        MilterClient inMessage = MilterClient.connect(endpoint)) {
      for (MilterClient mta : List.of(waits, idle, inMessage)) {
        mta.negotiate();
        mta.ask(new Command.Connect("h", '4', 1024, "192.0.2.1"));
      }
      waits.ask(new Command.Mail("<a@b>", List.of()));
      inMessage.ask(new Command.Mail("<a@b>", List.of()));
      waits.send(new Command.EndOfMessage(ByteBuffer.allocate(0)));
      asked.await();
      Thread closing = Thread.startVirtualThread(server::close);
      assertThatThrownBy(idle::receive).isInstanceOf(EOFException.class);
      assertThat(server.counters().open()).isEqualTo(2);
      late.complete(Handler.Ending.CONTINUE);
      assertThat(waits.receive()).isEqualTo(new Reply.Continue());
      assertThatThrownBy(waits::receive).isInstanceOf(EOFException.class);
      assertThat(inMessage.ask(new Command.Rcpt("<c@d>", List.of())))
          .isEqualTo(new Reply.Continue());
      assertThat(inMessage.endOfMessage()).containsExactly(new Reply.Continue());
      assertThatThrownBy(inMessage::receive).isInstanceOf(EOFException.class);
      assertThat(closing.join(Duration.ofSeconds(9))).as("it waits for nobody").isTrue();
    }
  }
}

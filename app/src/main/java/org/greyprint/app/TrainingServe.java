// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.config.ConfigurationReader;
import org.greyprint.app.config.ConfigurationResult;
import org.greyprint.app.serve.Daemon;
import org.greyprint.decision.DnsEvidence;
import org.greyprint.decision.DnsSettings;

/** The part of the {@link Training} that serves: mail through the gateway, and policy requests. */
final class TrainingServe {
  private static final int MESSAGES = 300;
  private static final int REQUESTS = 1500;

  private static final String CONFIGURATION =
      """
      state: FOLDER/var
      store: rocksdb:FOLDER/var/greylist
      listen:
        gateway: {address: "127.0.0.1:PORT", next-hop: "maildir:FOLDER/mail"}
        milter: unix:FOLDER/milter.sock
        policy: unix:FOLDER/policy.sock
        p0f: unix:FOLDER/p0f.sock
        admin: 127.0.0.1:0
      capture: []
      dns: {servers: ["127.0.0.1:DNS"]}
      rules:
        - name: named
          when: dns.spf == "pass" || dns.mail_server || os.family == "Linux"
          then: deliver
        - name: policy
          when: session.face == "policy"
          then: greylist
        - name: others
          then: deliver
      """;

  private TrainingServe() {}

  /** Serves as the command does, from its start to SIGTERM. */
  static void run(Path folder) throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    // The system's name servers are found out, but not asked.
    DnsEvidence.over(DnsSettings.DEFAULT);
    try (DatagramSocket dns = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread.ofPlatform().daemon().name("training-dns").start(() -> answer(dns));
      String text =
          CONFIGURATION
              .replace("FOLDER", folder.toString())
              .replace("PORT", Integer.toString(port))
              .replace("DNS", Integer.toString(dns.getLocalPort()));
      Path file = folder.resolve("greyprint.yaml");
      Files.writeString(file, text);
      FutureTask<Optional<Integer>> serve =
          new FutureTask<>(() -> Main.serve("serve", "--config", file.toString()));
      Thread.ofPlatform().daemon().name("training-serve").start(serve);
      Path ready = folder.resolve("var").resolve(Daemon.ADDRESS_FILE);
      while (!Files.exists(ready)) {
        if (serve.isDone()) {
          throw new IllegalStateException("it did not start: " + serve.resultNow());
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
      use(port, folder, text);
      new ProcessBuilder("kill", "-TERM", Long.toString(ProcessHandle.current().pid()))
          .inheritIO()
          .start()
          .waitFor();
      Optional<Integer> status = serve.get(1, TimeUnit.MINUTES);
      if (!status.equals(Optional.of(Main.DONE))) {
        throw new IllegalStateException("serve ended with " + status);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("serve did not end", e);
    }
  }

  private static void use(int port, Path folder, String text) throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      message(port);
    }
    requests(folder.resolve("policy.sock"));
    switch (ConfigurationReader.read("training", text)) {
      case ConfigurationResult.Faulty faulty -> throw new IllegalStateException(faulty.toString());
      case Configuration configuration -> {
        DaemonClient admin = DaemonClient.of(configuration);
        admin.get("/metrics");
        admin.get("/api/v1/status");
        admin.get("/api/v1/greylist/triplets?limit=10");
        admin.get("/?range=24h");
      }
    }
  }

  /** Says of every name that there is none (RFC 1035, 4.1.1). */
  private static void answer(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    try {
      while (true) {
        packet.setLength(512);
        socket.receive(packet);
        packet.getData()[2] |= (byte) 0x80;
        packet.getData()[3] = (byte) 0x83;
        socket.send(packet);
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void message(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      reply(in);
      for (String line :
          new String[] {
            "EHLO training.example",
            "MAIL FROM:<a@training.example>",
            "RCPT TO:<b@training.example>",
            "DATA",
            "Subject: training\r\n\r\n" + "text\r\n".repeat(50) + ".",
            "QUIT"
          }) {
        out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        reply(in);
      }
    }
  }

  private static void reply(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.length() < 4 || line.charAt(3) != '-') {
        if (!line.startsWith("2") && !line.startsWith("354")) {
          throw new IllegalStateException(line);
        }
        return;
      }
    }
  }

  private static void requests(Path path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      ByteBuffer answer = ByteBuffer.allocate(4096);
      for (int i = 0; i < REQUESTS; i++) {
        String request =
            """
            request=smtpd_access_policy
            protocol_state=RCPT
            protocol_name=ESMTP
            client_address=192.0.2.%d
            client_name=unknown
            client_port=%d
            helo_name=training.example
            sender=a%d@training.example
            recipient=b@example.net
            instance=1.%d

            """
                .formatted(i % 250, 1024 + i, i, i);
        ByteBuffer octets = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
        while (octets.hasRemaining()) {
          channel.write(octets);
        }
        answer.clear();
        if (channel.read(answer) < 0) {
          throw new IllegalStateException("the policy service closed the connection");
        }
      }
    }
  }
}

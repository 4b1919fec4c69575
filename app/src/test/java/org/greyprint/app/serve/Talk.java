// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The other side of SMTP, policy requests and HTTP. */
final class Talk {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Talk() {}

  /** Sends a message; gives every reply. */
  static List<String> smtp(InetSocketAddress server, String sender, String recipient)
      throws IOException {
    List<String> replies = new ArrayList<>();
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(60_000);
      socket.connect(server);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      replies.add(reply(in));
      for (String command :
          List.of(
              "EHLO client.example.org",
              "MAIL FROM:<" + sender + ">",
              "RCPT TO:<" + recipient + ">",
              "DATA",
              "Subject: test\r\nX-P0f-OS: forged\r\n\r\ntext\r\n.",
              "QUIT")) {
        socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        replies.add(reply(in));
      }
    }
    return replies;
  }

  private static String reply(BufferedReader in) throws IOException {
    String line = in.readLine();
    while (line != null && line.length() > 3 && line.charAt(3) == '-') {
      line = in.readLine();
    }
    if (line == null) {
      throw new IOException("the connection ended");
    }
    return line;
  }

  /** The action that the policy service on a UNIX socket answers. */
  static String policy(Path socket, String client, String sender, String recipient)
      throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      String request =
          """
          request=smtpd_access_policy
          protocol_state=RCPT
          protocol_name=ESMTP
          client_address=%s
          client_port=50000
          helo_name=client.example.org
          sender=%s
          recipient=%s
          instance=%s

          """
              .formatted(client, sender, recipient, "i" + System.nanoTime());
      Channels.newOutputStream(channel).write(request.getBytes(StandardCharsets.UTF_8));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
      String line = in.readLine();
      return line == null ? "" : line;
    }
  }

  static HttpResponse<String> get(InetSocketAddress admin, String path, String... headers)
      throws IOException, InterruptedException {
    return send(admin, path, "GET", "", headers);
  }

  static HttpResponse<String> send(
      InetSocketAddress admin, String path, String method, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + Banner.text(admin) + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** The only message in a Maildir. */
  static String onlyMessage(Path maildir) throws IOException {
    try (var files = Files.list(maildir.resolve("new"))) {
      List<Path> all = files.toList();
      if (all.size() != 1) {
        throw new IOException("not one message but " + all);
      }
      return Files.readString(all.getFirst());
    }
  }
}

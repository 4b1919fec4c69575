// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The simplest thing that does what a connection with an {@link Echo} handler must do: it sees the
 * whole stream at once and works with copies. The fuzzer compares the two.
 */
final class ReferenceFilter {
  static final int MAX_FRAME = 4096;
  static final Wishes WISHES =
      new Wishes(
          Actions.ADD_HEADERS | Actions.CHANGE_HEADERS,
          Steps.NO_BODY | Steps.NO_REPLY_HEADER | Steps.LEADING_SPACE,
          java.util.Map.of());

  /** A handler whose answers show what it was given. */
  static final class Echo implements Handler {
    private int stamps;

    @Override
    public CompletionStage<Reply.Verdict> connect(Command.Connect client) {
      return say(client.host() + client.family() + client.port() + client.address());
    }

    @Override
    public CompletionStage<Reply.Verdict> helo(Command.Helo helo) {
      return helo.name().isEmpty()
          ? CompletableFuture.completedStage(new Reply.Discard())
          : say(helo.name());
    }

    @Override
    public CompletionStage<Reply.Verdict> mail(Command.Mail mail) {
      stamps = 0;
      return say(mail.sender() + mail.arguments());
    }

    @Override
    public CompletionStage<Reply.Verdict> rcpt(Command.Rcpt rcpt) {
      return say(rcpt.recipient() + rcpt.arguments());
    }

    @Override
    public CompletionStage<Reply.Verdict> header(Command.Header header) {
      stamps += header.name().equalsIgnoreCase("X-Stamp") ? 1 : 0;
      return say(header.value());
    }

    @Override
    public CompletionStage<Reply.Verdict> body(Command.Body body) {
      return say("" + body.chunk().remaining());
    }

    @Override
    public CompletionStage<Reply.Verdict> unknown(Command.Unknown unknown) {
      return say(unknown.line());
    }

    @Override
    public CompletionStage<Ending> endOfMessage(Command.EndOfMessage end) {
      List<Reply.Modification> changes = new ArrayList<>(Reply.deleteHeaders("X-Stamp", stamps));
      changes.add(new Reply.InsertHeader(1, "X-Stamp", "" + end.chunk().remaining()));
      return CompletableFuture.completedStage(new Ending(changes, new Reply.Accept()));
    }

    private static CompletionStage<Reply.Verdict> say(String text) {
      return CompletableFuture.completedStage(Reply.Code.of(451, "4.7.1", text));
    }
  }

  private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(octets);
  private boolean closed;
  private boolean agreed;
  private boolean headersMayChange;
  private boolean headersMayBeAdded;
  private boolean headersSilent;
  private boolean leadingSpace;
  private boolean connected;
  private int stamps;

  /** What must have been written in the end. */
  byte[] output() {
    return octets.toByteArray();
  }

  /** Whether the connection must be closed. */
  boolean closed() {
    return closed;
  }

  /** Takes a whole stream. */
  void take(byte[] stream) {
    int at = 0;
    while (!closed && stream.length - at >= 4) {
      long length = 0;
      for (int i = 0; i < 4; i++) {
        length = length * 256 + (stream[at + i] & 0xff);
      }
      if (length < 1 || length > MAX_FRAME) {
        closed = true;
      } else if (stream.length - at - 4 < length) {
        return;
      } else {
        int end = at + 4 + (int) length;
        try {
          frame(stream[at + 4], Arrays.copyOfRange(stream, at + 5, end));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        at = end;
      }
    }
  }

  private void frame(byte command, byte[] data) throws IOException {
    if (!agreed && command != 'O') {
      closed = true;
      return;
    }
    List<String> strings = strings(data);
    switch (command) {
      case 'O' -> negotiate(data);
      case 'D' -> closed = data.length == 0;
      case 'C' -> connect(data).ifPresentOrElse(this::say, () -> closed = true);
      case 'H' -> {
        if (strings.isEmpty()) {
          closed = true;
        } else if (strings.getFirst().isEmpty()) {
          write('c', "");
        } else {
          say(strings.getFirst());
        }
      }
      case 'M', 'R' -> {
        stamps = command == 'M' && !strings.isEmpty() ? 0 : stamps;
        if (strings.isEmpty()) {
          closed = true;
        } else {
          say(strings.getFirst() + strings.subList(1, Math.min(513, strings.size())));
        }
      }
      case 'L' -> {
        if (strings.size() < 2) {
          closed = true;
        } else {
          stamps += strings.getFirst().equalsIgnoreCase("x-stamp") ? 1 : 0;
          if (!headersSilent) {
            say(strings.get(1));
          }
        }
      }
      case 'T', 'N' -> write('c', "");
      case 'B' -> say("" + data.length);
      case 'U' -> strings.stream().findFirst().ifPresentOrElse(this::say, () -> closed = true);
      case 'E' -> {
        for (int i = stamps; i > 0 && headersMayChange; i--) {
          write('m', "\0\0" + (char) (i / 256) + (char) (i % 256) + "X-Stamp\0\0");
        }
        if (headersMayBeAdded) {
          String space = leadingSpace ? " " : "";
          write('i', "\0\0\0\1X-Stamp\0" + space + data.length + "\0");
        }
        write('a', "");
      }
      case 'A' -> {}
      case 'K' -> next();
      default -> closed = true;
    }
  }

  private void next() {
    stamps = connected ? 0 : stamps;
    connected = false;
  }

  private void negotiate(byte[] data) throws IOException {
    if (data.length < 12) {
      closed = true;
      return;
    }
    java.nio.ByteBuffer in = java.nio.ByteBuffer.wrap(data);
    int version = in.getInt();
    int actions = in.getInt() & 0x11;
    int steps = in.getInt() & 0x100090;
    if (version < 2) {
      closed = true;
      return;
    }
    version = version > 6 ? 6 : version;
    steps = version < 6 ? steps & 0x10 : steps;
    agreed = true;
    headersMayBeAdded = (actions & 1) != 0;
    headersMayChange = (actions & 16) != 0;
    headersSilent = (steps & 0x80) != 0;
    leadingSpace = (steps & 0x100000) != 0;
    out.writeInt(13);
    out.write('O');
    out.writeInt(version);
    out.writeInt(actions);
    out.writeInt(steps);
  }

  private Optional<String> connect(byte[] data) {
    String all = new String(data, StandardCharsets.ISO_8859_1);
    int end = all.indexOf(0);
    if (end < 0 || end + 1 >= all.length()) {
      return Optional.empty();
    }
    char family = all.charAt(end + 1);
    String text = all.substring(0, end) + family;
    if (family == 'U') {
      text += "0";
    } else if ("46L".indexOf(family) < 0 || all.indexOf(0, Math.min(all.length(), end + 4)) < 0) {
      return Optional.empty();
    } else {
      text += all.charAt(end + 2) * 256 + all.charAt(end + 3);
      text += all.substring(end + 4, all.indexOf(0, end + 4));
    }
    next();
    connected = true;
    return Optional.of(text);
  }

  private static List<String> strings(byte[] data) {
    String all = new String(data, StandardCharsets.ISO_8859_1);
    List<String> strings = new ArrayList<>(Arrays.asList(all.split("\0", -1)));
    strings.removeLast();
    return strings;
  }

  private void say(String text) {
    String line = text.length() > 470 ? text.substring(0, 470) : text;
    line = line.replace('\t', ' ').replaceAll("[^ -~]", "?");
    line = line.isBlank() ? "Refused" : line;
    write('y', "451 4.7.1 " + line.replace("%", "%%") + "\0");
  }

  private void write(char command, String data) {
    try {
      out.writeInt(data.length() + 1);
      out.write(command);
      out.write(data.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

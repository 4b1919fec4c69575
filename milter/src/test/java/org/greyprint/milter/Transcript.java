// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A written exchange between MTA and filter, one frame a line: {@code >} from the MTA, {@code <}
 * from the filter; then the command byte, strings in quotes (each ends with a NUL on the wire; \n
 * and \r as in Java), and octets in hex. {@code = closed} says that the filter closed. Lines that
 * begin with # are comments.
 */
final class Transcript {
  private Transcript() {}

  /** Plays the MTA's lines to a connection and writes down what really comes, in the same form. */
  static List<String> play(List<String> lines, EmbeddedChannel filter) {
    List<String> happened = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(">")) {
        happened.add(line);
        filter.writeInbound(frame(line.substring(1).strip()));
        for (ByteBuf out = filter.readOutbound(); out != null; out = filter.readOutbound()) {
          while (out.isReadable()) {
            happened.add("< " + text(out.readSlice(out.readInt())));
          }
          out.release();
        }
        if (!filter.isOpen()) {
          happened.add("= closed");
          break;
        }
      }
    }
    return happened;
  }

  static List<String> read(String name) throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/transcripts", name)).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  static ByteBuf frame(String text) {
    ByteBuf out = Unpooled.buffer();
    out.writeInt(0).writeByte(text.charAt(0));
    int at = 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ' ') {
        at++;
      } else if (c == '"') {
        StringBuilder string = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
          if (text.charAt(at) == '\\') {
            at++;
            string.append(
                switch (text.charAt(at)) {
                  case 'n' -> '\n';
                  case 'r' -> '\r';
                  default -> text.charAt(at);
                });
          } else {
            string.append(text.charAt(at));
          }
        }
        at++;
        out.writeCharSequence(string, StandardCharsets.ISO_8859_1);
        out.writeByte(0);
      } else {
        int end = text.indexOf(' ', at) < 0 ? text.length() : text.indexOf(' ', at);
        out.writeBytes(ByteBufUtil.decodeHexDump(text, at, end - at));
        at = end;
      }
    }
    return out.setInt(0, out.readableBytes() - 4);
  }

  private static String text(ByteBuf frame) {
    StringBuilder out = new StringBuilder().append((char) frame.readUnsignedByte());
    char command = out.charAt(0);
    int numbers = command == 'O' ? 3 : command == 'i' || command == 'm' ? 1 : 0;
    for (int i = 0; i < numbers; i++) {
      out.append(' ').append(String.format("%08x", frame.readInt()));
    }
    while (frame.isReadable()) {
      if (command == 'O') {
        out.append(' ').append(String.format("%08x", frame.readInt()));
      }
      int end = frame.bytesBefore((byte) 0);
      CharSequence string = frame.readCharSequence(end, StandardCharsets.ISO_8859_1);
      frame.skipBytes(1);
      out.append(" \"")
          .append(
              string
                  .toString()
                  .replace("\\", "\\\\")
                  .replace("\"", "\\\"")
                  .replace("\r", "\\r")
                  .replace("\n", "\\n"))
          .append('"');
    }
    return out.toString();
  }
}

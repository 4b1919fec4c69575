// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Replies to frames, and the simple ones back. */
public final class ReplyCodec {
  private ReplyCodec() {}

  /**
   * Appends a reply as a whole frame.
   *
   * @param leadingSpace whether {@link Steps#LEADING_SPACE} was agreed, so that a header value must
   *     bring the space after the colon itself
   */
  public static void write(Reply reply, boolean leadingSpace, ByteBuf out) {
    int start = out.writerIndex();
    out.writeInt(0);
    switch (reply) {
      case Reply.Continue r -> out.writeByte('c');
      case Reply.Accept r -> out.writeByte('a');
      case Reply.Reject r -> out.writeByte('r');
      case Reply.Tempfail r -> out.writeByte('t');
      case Reply.Discard r -> out.writeByte('d');
      case Reply.Skip r -> out.writeByte('s');
      case Reply.Progress r -> out.writeByte('p');
      case Reply.Code r -> CommandCodec.string(out.writeByte('y'), r.wire());
      case Reply.AddHeader r -> header(out.writeByte('h'), r.name(), r.value(), leadingSpace);
      case Reply.InsertHeader r ->
          header(out.writeByte('i').writeInt(r.index()), r.name(), r.value(), leadingSpace);
      case Reply.ChangeHeader r ->
          header(
              out.writeByte('m').writeInt(r.index()),
              r.name(),
              r.value(),
              leadingSpace && !r.value().isEmpty());
      case Reply.AddRecipient r -> {
        boolean plain = r.arguments().isEmpty();
        CommandCodec.string(out.writeByte(plain ? '+' : '2'), r.address());
        if (!plain) {
          CommandCodec.string(out, r.arguments());
        }
      }
      case Reply.DeleteRecipient r -> CommandCodec.string(out.writeByte('-'), r.address());
      case Reply.ChangeSender r -> {
        CommandCodec.string(out.writeByte('e'), r.address());
        if (!r.arguments().isEmpty()) {
          CommandCodec.string(out, r.arguments());
        }
      }
      case Reply.ReplaceBody r -> out.writeByte('b').writeBytes(r.chunk().duplicate());
      case Reply.Quarantine r -> CommandCodec.string(out.writeByte('q'), r.reason());
      case Reply.Agreed r -> {
        out.writeByte('O').writeInt(r.version()).writeInt(r.actions()).writeInt(r.steps());
        r.macros()
            .forEach((stage, names) -> {
              out.writeInt(stage);
              CommandCodec.string(out, names);
            });
      }
    }
    out.setInt(start, out.writerIndex() - start - 4);
  }

  private static void header(ByteBuf out, String name, String value, boolean leadingSpace) {
    CommandCodec.string(out, name);
    CommandCodec.string(out, (leadingSpace ? " " : "") + Text.headerValue(value));
  }

  /**
   * Reads a reply's frame, as an MTA does; for programs that talk to filters. The text of a {@code
   * y} is taken apart into code, enhanced code and lines.
   *
   * @param command the command byte
   * @param data the rest of the frame
   * @return empty if it is no reply
   */
  public static Optional<Reply> parse(int command, byte[] data) {
    try {
      return Optional.ofNullable(
          switch (command) {
            case 'c' -> new Reply.Continue();
            case 'a' -> new Reply.Accept();
            case 'r' -> new Reply.Reject();
            case 't' -> new Reply.Tempfail();
            case 'd' -> new Reply.Discard();
            case 's' -> new Reply.Skip();
            case 'p' -> new Reply.Progress();
            case 'y' -> code(string(data, 0));
            case 'h' -> {
              String name = string(data, 0);
              yield new Reply.AddHeader(name, string(data, name.length() + 1));
            }
            case 'i' -> {
              String name = string(data, 4);
              yield new Reply.InsertHeader(uint32(data, 0), name, string(data, name.length() + 5));
            }
            case 'm' -> {
              String name = string(data, 4);
              yield new Reply.ChangeHeader(uint32(data, 0), name, string(data, name.length() + 5));
            }
            case '+' -> new Reply.AddRecipient(string(data, 0), "");
            case '2' -> {
              String address = string(data, 0);
              yield new Reply.AddRecipient(address, string(data, address.length() + 1));
            }
            case '-' -> new Reply.DeleteRecipient(string(data, 0));
            case 'e' -> {
              String address = string(data, 0);
              int next = address.length() + 1;
              yield new Reply.ChangeSender(address, next < data.length ? string(data, next) : "");
            }
            case 'b' -> new Reply.ReplaceBody(ByteBuffer.wrap(data));
            case 'q' -> new Reply.Quarantine(string(data, 0));
            case 'O' -> agreed(data);
            default -> null;
          });
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return Optional.empty();
    }
  }

  private static Reply agreed(byte[] data) {
    Map<Integer, String> macros = new LinkedHashMap<>();
    int at = 12;
    while (at < data.length) {
      String names = string(data, at + 4);
      macros.put(uint32(data, at), names);
      at += 5 + names.length();
    }
    return new Reply.Agreed(uint32(data, 0), uint32(data, 4), uint32(data, 8), macros);
  }

  private static Reply code(String text) {
    String[] lines = text.split("\r\n", -1);
    int code = Integer.parseInt(lines[0].substring(0, 3));
    String rest = lines[0].substring(4);
    String enhanced = rest.replaceFirst("(?s)^([45]\\.\\d{1,3}\\.\\d{1,3}) .*", "$1");
    int skip = enhanced.equals(rest) ? 4 : 5 + enhanced.length();
    String status = enhanced.equals(rest) ? "" : enhanced;
    for (int i = 0; i < lines.length; i++) {
      lines[i] = lines[i].substring(skip).replace("%%", "%");
    }
    return new Reply.Code(code, status, java.util.List.of(lines));
  }

  private static int uint32(byte[] data, int at) {
    return ByteBuffer.wrap(data).getInt(at);
  }

  private static String string(byte[] data, int at) {
    for (int end = at; end < data.length; end++) {
      if (data[end] == 0) {
        return new String(data, at, end - at, StandardCharsets.ISO_8859_1);
      }
    }
    throw new IllegalArgumentException("a string without NUL");
  }
}

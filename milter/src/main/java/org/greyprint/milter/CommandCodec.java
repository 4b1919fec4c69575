// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Frames to commands and back. A frame is a length (32 bits, big-endian, counts what follows), a
 * command byte, and data; these methods see the command byte and the data.
 *
 * <p>Sources: libmilter's {@code mfdef.h}; Postfix, {@code milter8.c}, for what MTAs really send.
 */
public final class CommandCodec {
  /** More macros or arguments in one frame than this are left out. */
  static final int MAX_STRINGS = 512;

  private CommandCodec() {}

  /**
   * Reads one frame; never throws.
   *
   * @param command the command byte, 0 to 255
   * @param data the rest of the frame; not kept unless it is a body, so the caller must not change
   *     it
   */
  public static Parsed parse(int command, byte[] data) {
    Reader in = new Reader(data);
    return switch (command) {
      case 'O' ->
          data.length < 12
              ? new Malformed(command, "an offer of " + data.length + " octets, 12 are needed")
              : new Command.Negotiate(in.uint32(), in.uint32(), in.uint32());
      case 'D' -> macros(data, in);
      case 'C' -> connect(data, in);
      case 'H' -> {
        String name = in.string();
        yield in.failed ? unended(command, "name") : new Command.Helo(name);
      }
      case 'M' -> {
        String sender = in.string();
        yield in.failed ? unended(command, "sender") : new Command.Mail(sender, in.strings());
      }
      case 'R' -> {
        String recipient = in.string();
        yield in.failed ? unended(command, "recipient") : new Command.Rcpt(recipient, in.strings());
      }
      case 'T' -> new Command.Data();
      case 'L' -> {
        String name = in.string();
        String value = in.string();
        yield in.failed ? unended(command, "field") : new Command.Header(name, value);
      }
      case 'N' -> new Command.EndOfHeaders();
      case 'B' -> new Command.Body(ByteBuffer.wrap(data).asReadOnlyBuffer());
      case 'E' -> new Command.EndOfMessage(ByteBuffer.wrap(data).asReadOnlyBuffer());
      case 'A' -> new Command.Abort();
      case 'Q' -> new Command.Quit();
      case 'K' -> new Command.QuitNewConnection();
      case 'U' -> {
        String line = in.string();
        yield in.failed ? unended(command, "line") : new Command.Unknown(line);
      }
      default -> new Malformed(command, "no command is called 0x" + Integer.toHexString(command));
    };
  }

  private static Malformed unended(int command, String what) {
    return new Malformed(command, "the " + what + " of '" + (char) command + "' has no NUL");
  }

  private static Parsed macros(byte[] data, Reader in) {
    if (data.length == 0) {
      return new Malformed('D', "macros without a stage");
    }
    int stage = in.uint8();
    List<String> strings = in.strings();
    Map<String, String> values = LinkedHashMap.newLinkedHashMap(strings.size() / 2);
    for (int i = 0; i + 1 < strings.size(); i += 2) {
      values.put(bare(strings.get(i)), strings.get(i + 1));
    }
    return new Command.Macros(stage, Collections.unmodifiableMap(values));
  }

  private static Parsed connect(byte[] data, Reader in) {
    String host = in.string();
    if (in.failed) {
      return unended('C', "host");
    }
    if (in.left() < 1) {
      return new Malformed('C', "no address family after the host");
    }
    char family = (char) in.uint8();
    if (family == 'U') {
      return new Command.Connect(host, family, 0, "");
    }
    if (family != '4' && family != '6' && family != 'L') {
      return new Malformed('C', "address family 0x" + Integer.toHexString(family));
    }
    if (in.left() < 2) {
      return new Malformed('C', "no port after the address family");
    }
    int port = in.uint16();
    String address = in.string();
    return in.failed ? unended('C', "address") : new Command.Connect(host, family, port, address);
  }

  /** A macro's name without the braces around it. */
  static String bare(String name) {
    boolean braces = name.length() > 2 && name.startsWith("{") && name.endsWith("}");
    return braces ? name.substring(1, name.length() - 1) : name;
  }

  /** Appends a command as a whole frame, as an MTA would send it. */
  public static void write(Command command, ByteBuf out) {
    int start = out.writerIndex();
    out.writeInt(0);
    switch (command) {
      case Command.Negotiate c ->
          out.writeByte('O').writeInt(c.version()).writeInt(c.actions()).writeInt(c.steps());
      case Command.Macros c -> {
        out.writeByte('D').writeByte(c.stage());
        c.values()
            .forEach((name, value) -> {
              string(out, name.length() > 1 ? "{" + name + "}" : name);
              string(out, value);
            });
      }
      case Command.Connect c -> {
        string(out.writeByte('C'), c.host());
        out.writeByte(c.family());
        if (c.family() != 'U') {
          string(out.writeShort(c.port()), c.address());
        }
      }
      case Command.Helo c -> string(out.writeByte('H'), c.name());
      case Command.Mail c -> {
        string(out.writeByte('M'), c.sender());
        c.arguments().forEach(argument -> string(out, argument));
      }
      case Command.Rcpt c -> {
        string(out.writeByte('R'), c.recipient());
        c.arguments().forEach(argument -> string(out, argument));
      }
      case Command.Data c -> out.writeByte('T');
      case Command.Header c -> {
        string(out.writeByte('L'), c.name());
        string(out, c.value());
      }
      case Command.EndOfHeaders c -> out.writeByte('N');
      case Command.Body c -> out.writeByte('B').writeBytes(c.chunk().duplicate());
      case Command.EndOfMessage c -> out.writeByte('E').writeBytes(c.chunk().duplicate());
      case Command.Abort c -> out.writeByte('A');
      case Command.Quit c -> out.writeByte('Q');
      case Command.QuitNewConnection c -> out.writeByte('K');
      case Command.Unknown c -> string(out.writeByte('U'), c.line());
    }
    out.setInt(start, out.writerIndex() - start - 4);
  }

  static void string(ByteBuf out, String text) {
    out.writeCharSequence(Text.withoutNul(text), StandardCharsets.ISO_8859_1);
    out.writeByte(0);
  }

  /** Reads big-endian numbers and strings; {@code failed} says that a string had no end. */
  private static final class Reader {
    private final byte[] data;
    private int at;
    private boolean failed;

    Reader(byte[] data) {
      this.data = data;
    }

    int left() {
      return data.length - at;
    }

    int uint8() {
      return data[at++] & 0xff;
    }

    int uint16() {
      return uint8() << 8 | uint8();
    }

    int uint32() {
      return uint16() << 16 | uint16();
    }

    String string() {
      for (int end = at; end < data.length; end++) {
        if (data[end] == 0) {
          String text = new String(data, at, end - at, StandardCharsets.ISO_8859_1);
          at = end + 1;
          return text;
        }
      }
      failed = true;
      at = data.length;
      return "";
    }

    /** The strings to the frame's end, without one that is not ended, at most MAX_STRINGS. */
    List<String> strings() {
      if (left() == 0) {
        return List.of();
      }
      List<String> strings = new ArrayList<>();
      while (left() > 0 && strings.size() < MAX_STRINGS) {
        String text = string();
        if (failed) {
          break;
        }
        strings.add(text);
      }
      return Collections.unmodifiableList(strings);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Sends spoofed SYNs at a steady rate: {@code Flood INTERFACE MAC SERVER PORT PER_SECOND MILLIS},
 * or one frame given in hexadecimal: {@code Flood INTERFACE FRAME}. Prints how many were sent and
 * at which rate.
 */
final class Flood {
  private static final int BATCH = 64;

  private Flood() {}

  /** How a test starts this in a host. */
  static List<String> command(String namespace, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "ip",
                "netns",
                "exec",
                namespace,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                Flood.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  public static void main(String[] args) throws Throwable {
    boolean once = args.length == 2;
    byte[] frame =
        once
            ? HexFormat.of().parseHex(args[1])
            : frame(args[1], args[2], Integer.parseInt(args[3]));
    double perNano = once ? 0 : Double.parseDouble(args[4]) / 1e9;
    long duration = once ? 0 : Long.parseLong(args[5]) * 1_000_000;
    SymbolLookup library = SymbolLookup.libraryLookup("libpcap.so.0.8", Arena.global());
    MethodHandle open =
        handle(
            library,
            "pcap_open_live",
            FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS));
    MethodHandle send =
        handle(
            library,
            "pcap_sendpacket",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(256);
      MemorySegment pcap =
          (MemorySegment) open.invokeExact(arena.allocateFrom(args[0]), 64, 0, 100, error);
      if (pcap.address() == 0) {
        throw new IllegalStateException(error.getString(0));
      }
      MemorySegment bytes = arena.allocate(frame.length);
      MemorySegment.copy(frame, 0, bytes, ValueLayout.JAVA_BYTE, 0, frame.length);
      if (once) {
        if ((int) send.invokeExact(pcap, bytes, frame.length) != 0) {
          throw new IllegalStateException("not sent");
        }
        return;
      }
      RandomGenerator random = RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(1);
      long start = System.nanoTime();
      long sent = 0;
      long refused = 0;
      while (true) {
        long now = System.nanoTime() - start;
        if (now > duration) {
          System.out.printf("sent %d refused %d rate %.0f%n", sent, refused, sent / (now / 1e9));
          return;
        }
        if (sent > now * perNano) {
          LockSupport.parkNanos(20_000);
          continue;
        }
        for (int i = 0; i < BATCH; i++) {
          long r = random.nextLong();
          bytes.set(ValueLayout.JAVA_INT_UNALIGNED, 26, (int) r & 0x7fffffff | 0x01000001);
          bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, 34, (short) (r >> 32));
          bytes.set(ValueLayout.JAVA_INT_UNALIGNED, 38, (int) (r >> 24));
          if ((int) send.invokeExact(pcap, bytes, frame.length) == 0) {
            sent++;
          } else {
            refused++;
          }
        }
      }
    }
  }

  private static byte[] frame(String mac, String server, int port) throws UnknownHostException {
    byte[] packet =
        Syns.ip(
            InetAddress.getByName("10.0.0.1"),
            InetAddress.getByName(server),
            1,
            1,
            116,
            Syns.WINDOWS);
    byte[] frame = new byte[14 + packet.length];
    System.arraycopy(HexFormat.ofDelimiter(":").parseHex(mac), 0, frame, 0, 6);
    frame[6] = 2;
    frame[12] = 8;
    System.arraycopy(packet, 0, frame, 14, packet.length);
    frame[36] = (byte) (port >> 8);
    frame[37] = (byte) port;
    return frame;
  }

  private static MethodHandle handle(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(), descriptor);
  }
}

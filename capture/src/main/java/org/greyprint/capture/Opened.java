// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What came of opening an interface. */
sealed interface Opened {
  /** Octets of a packet that are wanted: the longest headers, tags and extension headers. */
  int SNAP_LENGTH = 384;

  /** After this time without a packet the reader looks whether it is to stop. */
  int TIMEOUT_MILLIS = 200;

  int BUFFER_OCTETS = 16 << 20;

  /** It can be read. */
  record Handle(Libpcap library, MemorySegment pcap, int linkType) implements Opened {}

  /** It can't. */
  record Failed(Reason reason, String line) implements Opened {}

  /** Why an interface can't be read. */
  enum Reason {
    NO_LIBRARY,
    NO_PRIVILEGE,
    NO_INTERFACE,
    DOWN,
    OTHER
  }

  /** Opens an interface for the SYNs to some ports. */
  static Opened open(String device, Collection<Integer> ports) {
    Optional<Libpcap> found = Libpcap.library();
    if (found.isEmpty()) {
      return new Failed(
          Reason.NO_LIBRARY,
          "capture on "
              + device
              + ": libpcap is not installed; install it (Debian: apt install libpcap0.8)");
    }
    Libpcap library = found.get();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Libpcap.ERROR_BUFFER_SIZE);
      MemorySegment pcap = library.create(arena, device, error);
      if (pcap.address() == 0) {
        return new Failed(Reason.OTHER, "capture on " + device + ": " + error.getString(0));
      }
      library.snapLength(pcap, SNAP_LENGTH);
      library.timeout(pcap, TIMEOUT_MILLIS);
      library.immediateMode(pcap);
      library.bufferSize(pcap, BUFFER_OCTETS);
      int status = library.activate(pcap);
      if (status < 0) {
        Failed failed = failure(device, status, library.error(pcap));
        library.close(pcap);
        return failed;
      }
      if (!library.filter(pcap, SynFilter.tagged(ports))
          && !library.filter(pcap, SynFilter.plain(ports))) {
        String reason = library.error(pcap);
        library.close(pcap);
        return new Failed(Reason.OTHER, "capture on " + device + ": filter: " + reason);
      }
      int linkType = library.dataLink(pcap);
      if (!LinkLayer.known(linkType)) {
        library.close(pcap);
        return new Failed(
            Reason.OTHER,
            "capture on " + device + ": frames of link type " + linkType + " are not understood");
      }
      return new Handle(library, pcap, linkType);
    }
  }

  private static Failed failure(String device, int status, String message) {
    return switch (status) {
      case Libpcap.ERROR_NO_SUCH_DEVICE ->
          new Failed(
              Reason.NO_INTERFACE,
              "capture on " + device + ": no such interface; there are: " + interfaces());
      case Libpcap.ERROR_PERMISSION_DENIED, Libpcap.ERROR_PROMISC_PERMISSION_DENIED ->
          new Failed(
              Reason.NO_PRIVILEGE,
              "capture on "
                  + device
                  + ": not permitted; start as root, with AmbientCapabilities=CAP_NET_RAW in the"
                  + " systemd unit, or once: setcap cap_net_raw+ep "
                  + Path.of(System.getProperty("java.home"), "bin", "java"));
      case Libpcap.ERROR_INTERFACE_NOT_UP -> down(device);
      default -> new Failed(Reason.OTHER, "capture on " + device + ": " + message);
    };
  }

  static Failed down(String device) {
    return new Failed(
        Reason.DOWN,
        "capture on " + device + ": the interface is down; ip link set " + device + " up");
  }

  /** Whether the interface is set up; true where that can't be told, as for {@code any}. */
  static boolean isUp(String device) {
    try {
      String flags = Files.readString(Path.of("/sys/class/net", device, "flags")).trim();
      return (Integer.decode(flags) & 1) != 0;
    } catch (java.io.IOException | RuntimeException e) {
      return true;
    }
  }

  private static String interfaces() {
    try (Stream<Path> devices = Files.list(Path.of("/sys/class/net"))) {
      return Stream.concat(
              devices.map(path -> path.getFileName().toString()).sorted(), Stream.of("any"))
          .collect(Collectors.joining(", "));
    } catch (java.io.IOException e) {
      return "see `ip link`";
    }
  }
}

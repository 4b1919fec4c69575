// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * libpcap, bound when it is first needed, so that all else works where it is not installed.
 *
 * <p>The functions are those of pcap(3PCAP). A handle may be used by one thread; only {@link
 * #breakLoop} may be called by another, while the handle is open.
 */
final class Libpcap {
  static final int ERROR_NO_SUCH_DEVICE = -5;
  static final int ERROR_PERMISSION_DENIED = -8;
  static final int ERROR_INTERFACE_NOT_UP = -9;
  static final int ERROR_PROMISC_PERMISSION_DENIED = -11;
  static final int ERROR_BUFFER_SIZE = 256;

  /** struct pcap_pkthdr on 64-bit systems: two longs of time, captured and original length. */
  static final long HEADER_SECONDS = 0;

  static final long HEADER_MICROS = 8;
  static final long HEADER_CAPTURED = 16;

  private static final List<String> NAMES =
      List.of("libpcap.so.0.8", "libpcap.so.1", "libpcap.so", "libpcap.dylib");

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  /** One handle for each function, named as it is in C. */
  private record Functions(
      MethodHandle pcapCreate,
      MethodHandle pcapSetSnaplen,
      MethodHandle pcapSetTimeout,
      MethodHandle pcapSetImmediateMode,
      MethodHandle pcapSetBufferSize,
      MethodHandle pcapActivate,
      MethodHandle pcapDatalink,
      MethodHandle pcapCompile,
      MethodHandle pcapSetfilter,
      MethodHandle pcapFreecode,
      MethodHandle pcapNextEx,
      MethodHandle pcapStats,
      MethodHandle pcapBreakloop,
      MethodHandle pcapGeterr,
      MethodHandle pcapClose) {

    static Optional<Functions> load() {
      for (String name : NAMES) {
        try {
          SymbolLookup library = SymbolLookup.libraryLookup(name, Arena.global());
          return Optional.of(bind(library));
        } catch (IllegalArgumentException notFound) {
          continue;
        }
      }
      return Optional.empty();
    }

    private static Functions bind(SymbolLookup library) {
      FunctionDescriptor setter = FunctionDescriptor.of(INT, POINTER, INT);
      FunctionDescriptor ofHandle = FunctionDescriptor.of(INT, POINTER);
      FunctionDescriptor ofTwo = FunctionDescriptor.of(INT, POINTER, POINTER);
      FunctionDescriptor ofThree = FunctionDescriptor.of(INT, POINTER, POINTER, POINTER);
      FunctionDescriptor nothing = FunctionDescriptor.ofVoid(POINTER);
      return new Functions(
          find(library, "pcap_create", FunctionDescriptor.of(POINTER, POINTER, POINTER)),
          find(library, "pcap_set_snaplen", setter),
          find(library, "pcap_set_timeout", setter),
          find(library, "pcap_set_immediate_mode", setter),
          find(library, "pcap_set_buffer_size", setter),
          find(library, "pcap_activate", ofHandle),
          find(library, "pcap_datalink", ofHandle),
          find(
              library,
              "pcap_compile",
              FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, INT, INT)),
          find(library, "pcap_setfilter", ofTwo),
          find(library, "pcap_freecode", nothing),
          find(library, "pcap_next_ex", ofThree),
          find(library, "pcap_stats", ofTwo),
          find(library, "pcap_breakloop", nothing),
          find(library, "pcap_geterr", FunctionDescriptor.of(POINTER, POINTER)),
          find(library, "pcap_close", nothing));
    }

    private static MethodHandle find(
        SymbolLookup library, String name, FunctionDescriptor descriptor) {
      MemorySegment address =
          library
              .find(name)
              .orElseThrow(() -> new IllegalArgumentException("libpcap has no " + name));
      return Linker.nativeLinker().downcallHandle(address, descriptor);
    }
  }

  /** Loaded once, by whoever asks first. */
  private static final class Loaded {
    static final Optional<Libpcap> LIBRARY = Functions.load().map(Libpcap::new);

    private Loaded() {}
  }

  private final Functions functions;

  private Libpcap(Functions functions) {
    this.functions = functions;
  }

  /** The library, or empty where it is not installed. */
  static Optional<Libpcap> library() {
    return Loaded.LIBRARY;
  }

  MemorySegment create(Arena arena, String device, MemorySegment error) {
    try {
      return (MemorySegment) functions.pcapCreate.invokeExact(arena.allocateFrom(device), error);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int snapLength(MemorySegment handle, int octets) {
    return set(functions.pcapSetSnaplen, handle, octets);
  }

  int timeout(MemorySegment handle, int millis) {
    return set(functions.pcapSetTimeout, handle, millis);
  }

  int immediateMode(MemorySegment handle) {
    return set(functions.pcapSetImmediateMode, handle, 1);
  }

  int bufferSize(MemorySegment handle, int octets) {
    return set(functions.pcapSetBufferSize, handle, octets);
  }

  private static int set(MethodHandle function, MemorySegment handle, int value) {
    try {
      return (int) function.invokeExact(handle, value);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int activate(MemorySegment handle) {
    return call(functions.pcapActivate, handle);
  }

  int dataLink(MemorySegment handle) {
    return call(functions.pcapDatalink, handle);
  }

  private static int call(MethodHandle function, MemorySegment handle) {
    try {
      return (int) function.invokeExact(handle);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Compiles and sets a filter; false where it does not compile for this kind of interface. */
  boolean filter(MemorySegment handle, String expression) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(16, 8);
      int compiled =
          (int)
              functions.pcapCompile.invokeExact(
                  handle, program, arena.allocateFrom(expression), 1, 0xffff_ffff);
      if (compiled != 0) {
        return false;
      }
      int set = (int) functions.pcapSetfilter.invokeExact(handle, program);
      functions.pcapFreecode.invokeExact(program);
      return set == 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** 1 for a packet, 0 where the timeout passed, negative for an end. */
  int next(MemorySegment handle, MemorySegment header, MemorySegment data) {
    try {
      return (int) functions.pcapNextEx.invokeExact(handle, header, data);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Fills received, dropped by the system, dropped by the interface; three unsigned ints. */
  int statistics(MemorySegment handle, MemorySegment into) {
    try {
      return (int) functions.pcapStats.invokeExact(handle, into);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  void breakLoop(MemorySegment handle) {
    try {
      functions.pcapBreakloop.invokeExact(handle);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  String error(MemorySegment handle) {
    try {
      MemorySegment text = (MemorySegment) functions.pcapGeterr.invokeExact(handle);
      return text.reinterpret(ERROR_BUFFER_SIZE).getString(0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  void close(MemorySegment handle) {
    try {
      functions.pcapClose.invokeExact(handle);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static IllegalStateException unexpected(Throwable e) {
    return new IllegalStateException("libpcap could not be called", e);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.List;
import java.util.Set;

/**
 * Whether a ClientHello was made by Schannel, the TLS library of Windows and of nothing else. Other
 * libraries (OpenSSL, GnuTLS, Java, NSS) run on every system and tell nothing about it.
 *
 * <p>Source: "TLS Cipher Suites in Windows 10" and "... in Windows 11" (Microsoft), which give the
 * suites and their order, and FoxIO's JA4 of WinINet and WinHTTP on Windows 10
 * (t12d190800_d83cc789557e_16bbda4055b2, t12d210800_76e208dd3e22_16bbda4055b2). Administrators take
 * suites away or add none, so a part of the list in its order is enough.
 */
final class Schannel {
  private static final List<Integer> SUITES =
      List.of(
          0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028,
          0xc027, 0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f,
          0x000a);

  /** CBC with SHA-384, which the other libraries that keep this order do not have. */
  private static final Set<Integer> TELLING = Set.of(0xc024, 0xc028);

  private static final int EXTENDED_MASTER_SECRET = 23;

  /** What it sends: no encrypt_then_mac (22), no padding (21), no SCT (18), no record size (28). */
  private static final Set<Integer> EXTENSIONS =
      Set.of(0, 5, 10, 11, 13, 16, EXTENDED_MASTER_SECRET, 35, 43, 45, 49, 50, 51, 0xff01);

  private Schannel() {}

  static boolean made(ClientHello hello) {
    return hello.extensions().contains(EXTENDED_MASTER_SECRET)
        && EXTENSIONS.containsAll(hello.extensions())
        && hello.ciphers().stream().anyMatch(TELLING::contains)
        && inOrder(hello.ciphers());
  }

  private static boolean inOrder(List<Integer> ciphers) {
    int before = -1;
    for (int cipher : ciphers) {
      int at = SUITES.indexOf(cipher);
      if (at <= before) {
        return false;
      }
      before = at;
    }
    return true;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.io.DataOutputStream;
import java.io.IOException;

/** Writes capture files of raw IP packets. */
final class PcapFile {
  private static final int RAW_IP = 101;

  private PcapFile() {}

  static void header(DataOutputStream out) throws IOException {
    out.writeInt(0xa1b2c3d4);
    out.writeInt(2 << 16 | 4);
    out.writeLong(0);
    out.writeInt(65535);
    out.writeInt(RAW_IP);
  }

  static void packet(DataOutputStream out, int index, byte[] packet) throws IOException {
    out.writeInt(1_700_000_000 + index / 1000);
    out.writeInt(index % 1000 * 1000);
    out.writeInt(packet.length);
    out.writeInt(packet.length);
    out.write(packet);
  }
}

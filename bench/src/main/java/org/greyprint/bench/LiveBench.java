// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.greyprint.capture.Captures;
import org.greyprint.capture.ClientTable;
import org.greyprint.capture.Source;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.milter.Endpoint;
import org.greyprint.mta.P0fService;

/**
 * What the daemon does with SYNs and with questions of p0f clients, and nothing else: {@code
 * LiveBench INTERFACE SOCKET}. For each line on standard input it prints how many SYNs were taken,
 * how many the system let go, and how full the table is; it ends with standard input.
 */
public final class LiveBench {
  private LiveBench() {}

  public static void main(String[] args) throws IOException {
    Fingerprinter fingerprinter = Fingerprinter.builtin();
    try (Captures captures =
            Captures.builder(fingerprinter::read).networkInterface(args[0], List.of(25)).start();
        P0fService service =
            P0fService.start(
                List.of(new Endpoint.Unix(Path.of(args[1]))), captures.table()::history);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("ready " + service.endpoints());
      while (in.readLine() != null) {
        Source.Status status = captures.statuses().getFirst();
        ClientTable.Counters table = captures.table().counters();
        System.out.printf(
            "%d %d %d %d%n",
            status.received(), status.dropped(), table.connections(), table.memory() >> 20);
      }
    }
  }
}

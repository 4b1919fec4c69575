// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Verdict;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Role;
import org.greyprint.mta.gateway.Gateway;
import org.greyprint.mta.gateway.GatewaySettings;
import org.greyprint.mta.gateway.GatewaySettings.Identity;
import org.greyprint.mta.gateway.GatewaySettings.Listener;
import org.greyprint.mta.gateway.NextHop;

/**
 * Gateways in a process of their own, which can be another user's: one for each argument {@code
 * port=identity=next-hop}, on all addresses. Windows that is no server is deferred.
 */
final class GatewayMain {
  private GatewayMain() {}

  public static void main(String[] args) throws Exception {
    Fingerprinter fingerprinter = Fingerprinter.builtin();
    Decider decider =
        inquiry -> {
          OperatingSystem os =
              inquiry
                  .fingerprint()
                  .map(org.greyprint.fingerprint.Fingerprint::os)
                  .orElse(OperatingSystem.UNKNOWN);
          Verdict verdict =
              os.family().equals("Windows") && os.role() != Role.SERVER
                  ? new Verdict.Defer(Duration.ofMinutes(5))
                  : new Verdict.Deliver();
          return CompletableFuture.completedStage(
              new Decision("0", verdict, verdict, "test", "", List.of(), Map.of()));
        };
    for (String arg : args) {
      String[] words = arg.split("=", 3);
      GatewaySettings settings =
          GatewaySettings.DEFAULT
              .withListeners(
                  List.of(Listener.of(new InetSocketAddress("::", Integer.parseInt(words[0])))))
              .withIdentity(Identity.valueOf(words[1]))
              .withNextHop(NextHop.parse(words[2]).orElseThrow());
      Gateway.start(
          settings, decider, syn -> fingerprinter.read(syn, 0, syn.length), InstantSource.system());
    }
    System.out.println("ready as " + System.getProperty("user.name"));
    Thread.currentThread().join();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.decision.DnsSettings;
import org.greyprint.decision.Rules;
import org.greyprint.greylist.GreylistSettings;
import org.greyprint.journal.JournalSettings;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterSettings;
import org.greyprint.mta.FaceSettings;
import org.greyprint.mta.PolicySettings;
import org.greyprint.mta.gateway.GatewaySettings;

/**
 * Everything that can be configured; docs/configuration.md has a line for each key, and a test
 * holds it to that.
 *
 * @param file what messages call the file; "" where there is none
 * @param state the directory of what is kept
 * @param captures where SYNs come from
 * @param clients bounds of the table of SYNs
 * @param signatures databases by name, in the order in which they are asked
 * @param store where the greylist is kept, such as {@code rocksdb:/var/lib/greyprint/greylist}
 * @param greylist how long senders wait
 * @param poolFiles provider pools beyond those that ship
 * @param face what the faces have in common
 * @param idHeader the header field that tells a decision's id
 * @param marksHeader the header field that tells the points of mark rules
 * @param observe whether everything is decided and recorded, and nothing deferred
 * @param rules compiled
 * @param dns how DNS is asked; empty for not at all
 * @param journal where and how long decisions are kept
 * @param milter the milter's endpoints; none for no milter
 * @param policy the policy service's
 * @param p0f the p0f query service's
 * @param gateway the SMTP gateway
 * @param admin the administration's HTTP server
 * @param log what is logged
 */
public record Configuration(
    String file,
    Path state,
    List<Capture> captures,
    Clients clients,
    List<String> signatures,
    String store,
    GreylistSettings greylist,
    List<Path> poolFiles,
    FaceSettings face,
    Optional<String> idHeader,
    Optional<String> marksHeader,
    boolean observe,
    Rules rules,
    Optional<DnsSettings> dns,
    JournalSettings journal,
    Milter milter,
    Policy policy,
    List<Endpoint> p0f,
    Optional<Gateway> gateway,
    Admin admin,
    Log log)
    implements ConfigurationResult {

  /** The state's directory where nothing else is said, in the working directory. */
  public static final Path STATE = Path.of("var");

  /** Where SYNs come from. */
  public sealed interface Capture {
    /** An interface, read through libpcap. */
    record Interface(String name, List<Integer> ports) implements Capture {}

    /** A running p0f, asked at its socket. */
    record P0f(Path socket) implements Capture {}
  }

  /**
   * Bounds of the table of SYNs.
   *
   * @param capacity connections
   * @param maxAge after which a SYN is no longer given
   */
  public record Clients(int capacity, Duration maxAge) {}

  /**
   * What is logged.
   *
   * @param level the least important messages that are
   */
  public record Log(Level level) {
    /** How important a message is. */
    public enum Level {
      DEBUG,
      INFO,
      WARN,
      ERROR
    }
  }

  /** The milter. */
  public record Milter(List<Endpoint> endpoints, MilterSettings settings) {}

  /** The policy service. */
  public record Policy(List<Endpoint> endpoints, PolicySettings settings) {}

  /**
   * The SMTP gateway.
   *
   * @param settings of the gateway
   * @param rules of those listeners that have rules of their own, by the listener's name
   */
  public record Gateway(GatewaySettings settings, Map<String, Rules> rules) {}

  /**
   * The administration's HTTP server.
   *
   * @param address where it listens; empty for not at all
   * @param tokenFile whose content must be shown for changes; made where it is missing
   */
  public record Admin(Optional<InetSocketAddress> address, Path tokenFile) {}
}

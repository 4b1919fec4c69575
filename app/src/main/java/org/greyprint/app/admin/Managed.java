// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.greyprint.app.config.Configuration;
import org.greyprint.capture.Captures;
import org.greyprint.decision.Rules;
import org.greyprint.greylist.Greylist;

/** What the administration sees of the daemon. */
public interface Managed {
  /** The configuration that holds now. */
  Configuration configuration();

  /** When it was started. */
  Instant started();

  /** Where SYNs come from. */
  Captures captures();

  /** The rules that hold now. */
  Rules rules();

  /** The greylist; empty while its store is not open. */
  Optional<Greylist> greylist();

  /** What listens where, and how the parts stand. */
  List<String> banner();

  /** What is wrong now, one line each; mail flows all the same. */
  List<String> troubles();

  /** All figures. */
  MetricSnapshots metrics();

  /** Reads the configuration again; false if it has mistakes, which the log tells. */
  boolean reload();

  /**
   * Writes a consistent copy of all state as a tar archive.
   *
   * @throws IOException if it cannot be made; what was written until then is no whole archive
   */
  void backup(OutputStream to) throws IOException;
}

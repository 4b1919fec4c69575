// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.Stamps;

/** Knows what earlier runs took of the sources. */
interface Resumption {
  /** Every source from its beginning to its end. */
  Resumption NONE = contents -> contents.stream().map(content -> Start.BEGINNING).toList();

  /**
   * Where a source is begun; its content has been brought there.
   *
   * @param format what it was read as before
   * @param last the instant of the last record taken, or NONE
   * @param newest what is earlier than this is late: it came after a newer record was written
   */
  record Start(Optional<LogFormat> format, long last, long newest) {
    static final Start BEGINNING = new Start(Optional.empty(), Stamps.NONE, Stamps.NONE);
  }

  /** Brings each content to where it has to be read from, and its end to where it is read to. */
  List<Start> start(List<Content> contents) throws IOException;
}

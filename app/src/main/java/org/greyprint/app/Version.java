// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import picocli.CommandLine.IVersionProvider;

/** The version the jar was built as. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"greyprint " + (version == null ? "(from a source tree)" : version)};
  }
}

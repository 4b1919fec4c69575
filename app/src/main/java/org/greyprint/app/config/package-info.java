// SPDX-License-Identifier: Apache-2.0

/** The configuration file: YAML into records, each mistake with its place. */
@NullMarked
package org.greyprint.app.config;

import org.jspecify.annotations.NullMarked;

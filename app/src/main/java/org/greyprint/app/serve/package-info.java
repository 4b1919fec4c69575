// SPDX-License-Identifier: Apache-2.0

/** The daemon: every part put together from the configuration. */
@NullMarked
package org.greyprint.app.serve;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0

/** Configuration, wiring, command line, admin HTTP. */
@NullMarked
package org.greyprint.app;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0

/** {@code greyprint replay}: the SYNs of capture files, told as text, JSON or p0f's log. */
@NullMarked
package org.greyprint.app.replay;

import org.jspecify.annotations.NullMarked;

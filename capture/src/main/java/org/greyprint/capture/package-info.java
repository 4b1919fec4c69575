// SPDX-License-Identifier: Apache-2.0

/** Where SYNs come from: interfaces, capture files, a running p0f; the client table. */
@NullMarked
package org.greyprint.capture;

import org.jspecify.annotations.NullMarked;

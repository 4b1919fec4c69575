// SPDX-License-Identifier: Apache-2.0

/** The faces: milter filter, policy service, p0f query service, SMTP gateway. */
@NullMarked
package org.greyprint.mta;

import org.jspecify.annotations.NullMarked;

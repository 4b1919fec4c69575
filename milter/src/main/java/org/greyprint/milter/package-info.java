// SPDX-License-Identifier: Apache-2.0

/** The milter protocol: codec and server. */
@NullMarked
package org.greyprint.milter;

import org.jspecify.annotations.NullMarked;

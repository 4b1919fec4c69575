// SPDX-License-Identifier: Apache-2.0

/** Decisions kept on disk, queried and summed up. */
@NullMarked
package org.greyprint.journal;

import org.jspecify.annotations.NullMarked;

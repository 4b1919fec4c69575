// SPDX-License-Identifier: Apache-2.0

/** Triplets, the greylisting state machine and its stores. */
@NullMarked
package org.greyprint.greylist;

import org.jspecify.annotations.NullMarked;

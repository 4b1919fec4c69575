// SPDX-License-Identifier: Apache-2.0

/** The bytes of a SYN become a signature, and the signature a name. */
@NullMarked
package org.greyprint.fingerprint;

import org.jspecify.annotations.NullMarked;

// SPDX-License-Identifier: Apache-2.0

/** Logs of mail servers, one record a recipient, as AWStats takes them. */
@NullMarked
package org.greyprint.weblogs.mail;

import org.jspecify.annotations.NullMarked;

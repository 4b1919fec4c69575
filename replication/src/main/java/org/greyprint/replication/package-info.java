// SPDX-License-Identifier: Apache-2.0

/** Moving a MySQL or MariaDB master with its replicas. */
@NullMarked
package org.greyprint.replication;

import org.jspecify.annotations.NullMarked;

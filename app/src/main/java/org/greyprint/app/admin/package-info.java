// SPDX-License-Identifier: Apache-2.0

/** Administration over HTTP: metrics, health, the JSON interface, the dashboard. */
@NullMarked
package org.greyprint.app.admin;

import org.jspecify.annotations.NullMarked;

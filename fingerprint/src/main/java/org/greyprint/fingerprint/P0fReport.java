// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/**
 * What p0f would log of a SYN with the same signatures.
 *
 * @param application whether it is a program that sends its own packets ({@code app=}, not {@code
 *     os=})
 * @param label what follows {@code os=} or {@code app=}
 * @param distance what follows {@code dist=}
 * @param params what follows {@code params=}
 * @param rawSignature what follows {@code raw_sig=}
 * @param link what follows {@code link=} in the line {@code mod=mtu}; "" where there is none
 * @param rawMtu what follows {@code raw_mtu=}
 */
public record P0fReport(
    boolean application,
    String label,
    String distance,
    String params,
    String rawSignature,
    String link,
    int rawMtu) {}

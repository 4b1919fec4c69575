// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.util.Optional;
import org.greyprint.capture.Captures;
import org.greyprint.decision.Decisions;
import org.greyprint.decision.DnsEvidence;
import org.greyprint.milter.MilterServer;
import org.greyprint.mta.FaceCounters;
import org.greyprint.mta.P0fService;
import org.greyprint.mta.PolicyService;
import org.greyprint.mta.gateway.Gateway;

/** What runs. */
record Parts(
    Captures captures,
    GreylistPart greylist,
    JournalPart journal,
    Optional<DnsEvidence> dns,
    Decisions decisions,
    Families families,
    Optional<Gateway> gateway,
    Optional<MilterServer> milter,
    FaceCounters milterCounters,
    Optional<PolicyService> policy,
    FaceCounters policyCounters,
    Optional<P0fService> p0f) {}

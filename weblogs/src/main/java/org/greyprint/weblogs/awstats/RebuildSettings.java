// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be rebuilt, and how.
 *
 * @param configurations the folder of {@code awstats.SITE.conf}, or one such file
 * @param site the one site, where not all of the folder are meant
 * @param program awstats.pl, where it is not in one of the usual places
 * @param virtualHosts whether records begin with their virtual host, which chooses the site
 * @param mail whether the records are mail (LogType=M); else they are of web servers
 * @param dryRun whether only the plan is made
 * @param logsComplete whether the user vouches for the logs: a day may come out with fewer hits
 *     then
 * @param parallel sites worked on at a time, at least 1
 * @param patience how long an update that AWStats is at is waited for
 * @param environment for {@code __NAME__} in configurations
 * @param clock names the backup
 */
public record RebuildSettings(
    Path configurations,
    Optional<String> site,
    Optional<Path> program,
    boolean virtualHosts,
    boolean mail,
    boolean dryRun,
    boolean logsComplete,
    int parallel,
    Duration patience,
    Map<String, String> environment,
    Clock clock) {

  /** With what is usual: all sites, web records without a virtual host, for real. */
  public static RebuildSettings of(Path configurations) {
    return new RebuildSettings(
        configurations,
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        false,
        false,
        Runtime.getRuntime().availableProcessors(),
        Duration.ofMinutes(2),
        System.getenv(),
        Clock.systemUTC());
  }

  public RebuildSettings withSite(String name) {
    return new RebuildSettings(
        configurations,
        Optional.of(name),
        program,
        virtualHosts,
        mail,
        dryRun,
        logsComplete,
        parallel,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withProgram(Path path) {
    return new RebuildSettings(
        configurations,
        site,
        Optional.of(path),
        virtualHosts,
        mail,
        dryRun,
        logsComplete,
        parallel,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withVirtualHosts(boolean first) {
    return new RebuildSettings(
        configurations,
        site,
        program,
        first,
        mail,
        dryRun,
        logsComplete,
        parallel,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withMail(boolean records) {
    return new RebuildSettings(
        configurations,
        site,
        program,
        virtualHosts,
        records,
        dryRun,
        logsComplete,
        parallel,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withDryRun(boolean planOnly) {
    return new RebuildSettings(
        configurations,
        site,
        program,
        virtualHosts,
        mail,
        planOnly,
        logsComplete,
        parallel,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withLogsComplete(boolean vouched) {
    return new RebuildSettings(
        configurations,
        site,
        program,
        virtualHosts,
        mail,
        dryRun,
        vouched,
        parallel,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withParallel(int sites) {
    return new RebuildSettings(
        configurations,
        site,
        program,
        virtualHosts,
        mail,
        dryRun,
        logsComplete,
        sites,
        patience,
        environment,
        clock);
  }

  public RebuildSettings withPatience(Duration wait) {
    return new RebuildSettings(
        configurations,
        site,
        program,
        virtualHosts,
        mail,
        dryRun,
        logsComplete,
        parallel,
        wait,
        environment,
        clock);
  }
}

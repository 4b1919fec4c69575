// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.greyprint.weblogs.awstats.SiteConfig.DateKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteConfigReaderTest {
  @TempDir Path folder;

  private SiteConfigReader.Found read() throws Exception {
    return new SiteConfigReader(Path.of("/usr/lib/cgi-bin"), Map.of("DATA_DIR", "/srv/stats"))
        .read(folder);
  }

  private SiteConfig one(String text) throws Exception {
    Files.writeString(folder.resolve("awstats.one.conf"), text);
    return read().sites().getFirst();
  }

  @Test
  void valuesCommentsQuotesVariablesAndTheLastCounts() throws Exception {
    SiteConfig site =
        one(
            """
            # AWSTATS CONFIGURE FILE 7.3
            LogFile="/var/log/x.log"    # where
            LogType=w
            LogFormat = "%host %other %logname %time1 %methodurl %code %bytesd"
            SiteDomain="first.example.org"
            SiteDomain="www.example.org";
            HostAliases="localhost REGEX[^shop\\d+\\.]"
            DirData="__DATA_DIR__/www"
            EnableLockForUpdate=1
            DNSLookup=1  # slow
            LoadPlugin="timezone +2"
            nonsense
            """);
    assertThat(site.name()).isEqualTo("one");
    assertThat(site.suffix()).isEqualTo(".one");
    assertThat(site.domain()).isEqualTo("www.example.org");
    assertThat(site.type()).isEqualTo('W');
    assertThat(site.logFile()).isEqualTo("/var/log/x.log");
    assertThat(site.directory()).isEqualTo(Path.of("/srv/stats/www"));
    assertThat(site.locking()).isTrue();
    assertThat(site.resolves()).isTrue();
    assertThat(site.plugins()).containsExactly("timezone +2");
    assertThat(site.dateKind()).isEqualTo(DateKind.BRACKETS);
    assertThat(site.namesHost()).isFalse();
    assertThat(site.mayTake("WWW.example.org:443")).isTrue();
    assertThat(site.mayTake("shop12.example.com")).isTrue();
    assertThat(site.mayTake("shop.example.com")).isFalse();
    assertThat(site.mayTake("[2001:db8::1]:80")).isFalse();
  }

  @Test
  void anUpdateOfTheSiteIsKnownByItsCommandLine() throws Exception {
    SiteConfig site = one("SiteDomain=\"a\"\nDirData=\"/d\"\n");
    String[] cron = {"/usr/lib/cgi-bin/awstats.pl", "-config=one", "-update"};
    assertThat(ActiveUpdates.isUpdate(cron, site)).isTrue();
    String[] here = {"awstats.pl", "--config=one", "--configdir=" + folder};
    assertThat(ActiveUpdates.isUpdate(here, site)).isTrue();
    String[] ours = {"awstats.pl", "-config=one", "-configdir=/d/.greyprint-one/conf"};
    assertThat(ActiveUpdates.isUpdate(ours, site)).isFalse();
    String[] other = {"awstats.pl", "-config=two", "-update"};
    assertThat(ActiveUpdates.isUpdate(other, site)).isFalse();
    String[] editor = {"vi", "-config=one"};
    assertThat(ActiveUpdates.isUpdate(editor, site)).isFalse();
  }

  @Test
  void includesAreInPlace() throws Exception {
    Files.writeString(
        folder.resolve("common.inc"), "DirData=\"/srv/common\"\nSiteDomain=\"a.example\"\n");
    SiteConfig site =
        one(
            "SiteDomain=\"b.example\"\nInclude \"common.inc\"\nDirData=\"/srv/own\"\nLogFormat=1\n");
    assertThat(site.domain()).isEqualTo("a.example");
    assertThat(site.directory()).isEqualTo(Path.of("/srv/own"));
    assertThat(site.lines())
        .containsSubsequence("DirData=\"/srv/common\"", "DirData=\"/srv/own\"")
        .noneMatch(line -> line.startsWith("Include"));
  }

  @Test
  void aFileThatIncludesItselfIsAnError() throws Exception {
    Files.writeString(folder.resolve("awstats.loop.conf"), "Include \"awstats.loop.conf\"\n");
    assertThatThrownBy(this::read)
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("10 levels of Include");
  }

  @Test
  void aMissingIncludeIsAnError() throws Exception {
    Files.writeString(folder.resolve("awstats.gone.conf"), "Include \"gone.inc\"\n");
    assertThatThrownBy(this::read)
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("cannot read")
        .hasMessageContaining("gone.inc");
  }

  @Test
  void aTemplateWithoutSiteDomainIsPassedOver() throws Exception {
    Files.writeString(folder.resolve("awstats.conf"), "SiteDomain=\"\"\nDirData=\"/srv\"\n");
    Files.writeString(folder.resolve("awstats.conf.local"), "SiteDomain=\"x\"\n");
    assertThat(read().sites()).isEmpty();
    assertThat(read().notes()).singleElement().asString().contains("no SiteDomain");
  }

  @Test
  void aRelativeDirDataStartsWhereTheProgramIs() throws Exception {
    assertThat(one("SiteDomain=\"a\"\nDirData=\"./data\"\n").directory())
        .isEqualTo(Path.of("/usr/lib/cgi-bin/data"));
    assertThatThrownBy(() -> one("SiteDomain=\"a\"\nDirData=\"data\"\n"))
        .hasMessageContaining("full path");
  }

  @Test
  void otherBreaksThanMonthsAndOtherDatesAreRefused() throws Exception {
    assertThatThrownBy(() -> one("SiteDomain=\"a\"\nDirData=\"/d\"\nDatabaseBreak=day\n"))
        .hasMessageContaining("DatabaseBreak=day");
    SiteConfig epoch = one("SiteDomain=\"a\"\nDirData=\"/d\"\nLogFormat=\"%host %time4 %url\"\n");
    assertThatThrownBy(epoch::dateKind).hasMessageContaining("%time1");
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.greyprint.greylist.StoreContract.join;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.greyprint.greylist.Exemption.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What administrators and senders see of the greylist. */
class GreylistTest {
  private static final String ME = "me@example.org";

  private final Clock clock = new Clock();
  private final Store store = Store.inMemory();
  private Greylist greylist = start(GreylistSettings.DEFAULT);

  private Greylist start(GreylistSettings settings) {
    return Greylist.start(settings, Pools.builtin(), store, clock);
  }

  @AfterEach
  void end() {
    greylist.close();
    store.close();
  }

  private void settings(GreylistSettings settings) {
    greylist.settings(settings);
  }

  private static InetAddress ip(String address) {
    return Net.address(address).orElseThrow();
  }

  private Answer ask(String client, String sender, String recipient) {
    return join(greylist.ask(Attempt.of(ip(client), sender, recipient)));
  }

  private Answer askSpf(String client, String sender, String recipient) {
    String domain = Mailboxes.domain(sender);
    return join(greylist.ask(attempt(client, "", "", sender, recipient, domain)));
  }

  private static Attempt attempt(
      String client, String helo, String host, String sender, String recipient, String spf) {
    return new Attempt(ip(client), helo, host, sender, recipient, spf, Optional.empty(), false);
  }

  private static void deferred(Answer answer, Why why, Duration left) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Deferred.class,
            deferred -> {
              assertThat(deferred.why()).isEqualTo(why);
              assertThat(deferred.retryAfter()).isEqualTo(left);
            });
  }

  private static void passed(Answer answer, Why why) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Passed.class, passed -> assertThat(passed.why()).isEqualTo(why));
  }

  @Test
  void aFirstTryIsDeferredAndARetryAfterTheDelayPasses() {
    deferred(ask("192.0.2.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    clock.minutes(2);
    deferred(ask("192.0.2.1", "a@b.example", ME), Why.EARLY, Duration.ofMinutes(3));
    clock.minutes(3);
    assertThat(ask("192.0.2.1", "a@b.example", ME))
        .isEqualTo(new Answer.Passed(Why.RETRY, Duration.ofMinutes(5), 3, ""));
    passed(ask("192.0.2.1", "a@b.example", ME), Why.KNOWN);
    clock.advance(Duration.ofDays(35));
    passed(ask("192.0.2.1", "a@b.example", ME), Why.KNOWN);
    clock.advance(Duration.ofDays(35));
    passed(ask("192.0.2.1", "a@b.example", ME), Why.KNOWN);
    clock.advance(Duration.ofDays(37));
    deferred(ask("192.0.2.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void anotherNetworkSenderOrRecipientIsAnotherTriplet() {
    ask("192.0.2.1", "a@b.example", ME);
    clock.minutes(6);
    deferred(ask("192.0.3.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    deferred(ask("192.0.2.1", "c@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    deferred(ask("192.0.2.1", "a@b.example", "you@example.org"), Why.NEW, Duration.ofMinutes(5));
    passed(ask("192.0.2.200", "A@B.example", "Me@Example.ORG"), Why.RETRY);
  }

  @Test
  void ipv6ClientsAreComparedBySixtyFourBits() {
    ask("2001:db8:1:2::1", "a@b.example", ME);
    clock.minutes(6);
    deferred(ask("2001:db8:1:3::1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    passed(ask("2001:db8:1:2:ffff::9", "a@b.example", ME), Why.RETRY);
    settings(GreylistSettings.DEFAULT.withNetworks(new GreylistSettings.Networks(32, 48)));
    ask("2001:db8:2:2::1", "a@b.example", ME);
    ask("192.0.2.1", "x@b.example", ME);
    clock.minutes(6);
    passed(ask("2001:db8:2:3::1", "a@b.example", ME), Why.RETRY);
    deferred(ask("192.0.2.2", "x@b.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void aRetryAfterTheWindowBeginsAnew() {
    ask("192.0.2.1", "a@b.example", ME);
    clock.advance(Duration.ofDays(2));
    deferred(ask("192.0.2.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    clock.advance(Duration.ofDays(2).minusSeconds(1));
    passed(ask("192.0.2.1", "a@b.example", ME), Why.RETRY);
  }

  @Test
  void withSpfTheSendersDomainTakesTheNetworksPlace() {
    deferred(askSpf("192.0.2.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    clock.minutes(6);
    passed(askSpf("198.51.100.9", "a@b.example", ME), Why.RETRY);
    // No SPF this time, but a network that is known by now.
    passed(ask("198.51.100.7", "a@b.example", ME), Why.KNOWN);
    // SPF for another domain than the sender's is worth nothing.
    Attempt other = attempt("203.0.113.1", "", "", "x@b.example", ME, "other.example");
    join(greylist.ask(other));
    clock.minutes(6);
    deferred(
        join(greylist.ask(attempt("198.18.0.1", "", "", "x@b.example", ME, "other.example"))),
        Why.NEW,
        Duration.ofMinutes(5));
  }

  @Test
  void aDomainThatAuthorisesEveryoneIsNotRecognisedByItsName() {
    for (int i = 0; i < 128; i++) {
      deferred(
          askSpf("10.0." + i + ".1", "a" + (char) ('a' + i % 26) + i / 26 + "x@all.example", ME),
          Why.NEW,
          Duration.ofMinutes(5));
    }
    askSpf("10.1.0.1", "last@all.example", ME);
    clock.minutes(6);
    deferred(askSpf("10.1.1.1", "last@all.example", ME), Why.NEW, Duration.ofMinutes(5));
    passed(askSpf("10.1.0.1", "last@all.example", ME), Why.RETRY);
    // From a network that it is known to use it still is.
    passed(askSpf("10.0.1.9", "aa0x@all.example", ME), Why.RETRY);
  }

  @Test
  void aListedPoolTakesTheNetworksPlace() {
    Attempt first = attempt("209.85.1.1", "", "mail-a1.google.com", "a@b.example", ME, "");
    Attempt second = attempt("74.125.1.1", "", "mail-b2.google.com", "a@b.example", ME, "");
    deferred(join(greylist.ask(first)), Why.NEW, Duration.ofMinutes(5));
    clock.minutes(6);
    passed(join(greylist.ask(second)), Why.RETRY);
    Attempt forged = attempt("192.0.2.1", "", "mail.notgoogle.com", "a@c.example", ME, "");
    join(greylist.ask(forged));
    clock.minutes(6);
    Attempt other = attempt("192.0.3.1", "", "mx.notgoogle.com", "a@c.example", ME, "");
    deferred(join(greylist.ask(other)), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void nobodyWaitsLongerThanMaxWaitWhateverAddressesHeComesFrom() {
    for (int i = 0; i < 6; i++) {
      deferred(ask("10.0." + i + ".1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
      clock.minutes(70);
    }
    assertThat(ask("10.0.99.1", "a@b.example", ME))
        .isEqualTo(new Answer.Passed(Why.MAX_WAIT, Duration.ofMinutes(420), 7, ""));
    passed(ask("10.0.99.1", "a@b.example", ME), Why.KNOWN);
    deferred(ask("10.0.98.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void afterMaxTriesASenderPasses() {
    for (int i = 0; i < 9; i++) {
      deferred(ask("10.0." + i + ".1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
      clock.minutes(3);
    }
    assertThat(ask("10.0.99.1", "a@b.example", ME))
        .isEqualTo(new Answer.Passed(Why.MAX_TRIES, Duration.ofMinutes(27), 10, ""));
  }

  @Test
  void manyTriesInAMinuteAreOne() {
    for (int i = 0; i < 50; i++) {
      assertThat(ask("10.0." + i + ".1", "a@b.example", ME)).isInstanceOf(Answer.Deferred.class);
      clock.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void bouncesFromEverywhereAreNoTriesOfOneSender() {
    for (int i = 0; i < 40; i++) {
      deferred(ask("10.0." + i + ".1", "", ME), Why.NEW, Duration.ofMinutes(5));
      clock.minutes(1);
    }
  }

  @Test
  void aNetworkThatDeliveredOftenIsNoLongerDelayed() {
    for (int i = 0; i < 5; i++) {
      deferred(ask("192.0.2.1", "s" + i + "@b.example", ME), Why.NEW, Duration.ofMinutes(5));
      clock.minutes(6);
      passed(ask("192.0.2.1", "s" + i + "@b.example", ME), Why.RETRY);
      clock.minutes(55);
    }
    assertThat(ask("192.0.2.77", "new@c.example", ME))
        .isEqualTo(new Answer.Passed(Why.PROVEN, Duration.ZERO, 1, "192.0.2.0/24"));
    deferred(ask("192.0.3.77", "new@c.example", ME), Why.NEW, Duration.ofMinutes(5));
    clock.advance(Duration.ofDays(37));
    deferred(ask("192.0.2.1", "later@b.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void deliveriesOfOneHourCountOnce() {
    for (int i = 0; i < 20; i++) {
      ask("192.0.2.1", "s" + (char) ('a' + i) + "@b.example", ME);
    }
    clock.minutes(6);
    for (int i = 0; i < 20; i++) {
      passed(ask("192.0.2.1", "s" + (char) ('a' + i) + "@b.example", ME), Why.RETRY);
    }
    deferred(ask("192.0.2.1", "new@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    assertThat(join(greylist.clients("", 10)).items())
        .singleElement()
        .satisfies(client -> {
          assertThat(client.name()).isEqualTo("192.0.2.0/24");
          assertThat(client.deliveries()).isEqualTo(1);
          assertThat(client.provenUntil()).isEmpty();
        });
  }

  @Test
  void aDomainProvesItselfWhereSpfPassesAndNotElsewhere() {
    settings(
        GreylistSettings.DEFAULT.withAutoAllow(
            new GreylistSettings.AutoAllow(
                2,
                Duration.ofHours(1),
                GreylistSettings.AutoAllow.Scope.DOMAIN,
                Duration.ofDays(36))));
    for (int i = 0; i < 2; i++) {
      askSpf("192.0." + i + ".1", "s" + i + "@b.example", ME);
      clock.minutes(6);
      passed(askSpf("192.0." + i + ".1", "s" + i + "@b.example", ME), Why.RETRY);
      clock.minutes(60);
    }
    assertThat(askSpf("198.51.100.1", "new@b.example", ME))
        .isEqualTo(new Answer.Passed(Why.PROVEN, Duration.ZERO, 1, "b.example"));
    deferred(ask("198.51.100.2", "forged@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    deferred(ask("192.0.1.1", "other@c.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void anAnswerToWhatWeWrotePassesOnlyWithSpf() {
    join(greylist.wrote("Me+tag@example.org", "Friend@B.example"));
    deferred(ask("192.0.2.1", "friend@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    assertThat(askSpf("198.51.100.1", "friend@b.example", ME))
        .isEqualTo(
            new Answer.Passed(
                Why.CORRESPONDENT, Duration.ZERO, 1, ME + " wrote to friend@b.example"));
    passed(askSpf("198.51.100.1", "friend+list@b.example", "me+x@example.org"), Why.CORRESPONDENT);
    deferred(
        askSpf("198.51.100.1", "friend@b.example", "you@example.org"),
        Why.NEW,
        Duration.ofMinutes(5));
    deferred(
        join(greylist.ask(attempt("203.0.113.1", "", "", "friend@b.example", ME, "evil.example"))),
        Why.NEW,
        Duration.ofMinutes(5));
    assertThat(join(greylist.correspondents("", 10)).items())
        .singleElement()
        .matches(each -> each.user().equals(ME) && each.other().equals("friend@b.example"));
    clock.advance(Duration.ofDays(61));
    deferred(askSpf("198.51.100.1", "friend@b.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  private Exemption entry(Kind kind, String value, Duration delay) {
    return new Exemption(
        kind, value, delay, "admin", clock.instant(), "a reason", Optional.empty());
  }

  private void allow(Kind kind, String value) {
    join(greylist.allow(entry(kind, value, Duration.ZERO)));
  }

  @Test
  void eachKindOfListEntryLetsPassWhatItNames() {
    allow(Kind.RECIPIENT, "Postmaster@example.org");
    passed(ask("192.0.2.1", "a@b.example", "postmaster@EXAMPLE.org"), Why.ALLOWED);
    allow(Kind.RECIPIENT_DOMAIN, "@quick.example");
    passed(ask("192.0.2.1", "a@b.example", "x@quick.example"), Why.ALLOWED);
    deferred(
        ask("192.0.2.1", "a@b.example", "x@sub.quick.example"), Why.NEW, Duration.ofMinutes(5));
    allow(Kind.RECIPIENT_DOMAIN, ".quick.example");
    passed(ask("192.0.2.1", "a@b.example", "x@sub.quick.example"), Why.ALLOWED);
    allow(Kind.SENDER, "friend@b.example");
    deferred(ask("192.0.2.1", "friend@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    passed(askSpf("192.0.2.1", "friend@b.example", ME), Why.ALLOWED);
    allow(Kind.SENDER_DOMAIN, "c.example");
    deferred(ask("192.0.2.1", "any@c.example", ME), Why.NEW, Duration.ofMinutes(5));
    passed(askSpf("192.0.2.1", "other@c.example", ME), Why.ALLOWED);
    allow(Kind.CLIENT, "198.51.100.0/24");
    passed(ask("198.51.100.77", "a@b.example", ME), Why.ALLOWED);
    deferred(ask("198.51.101.77", "z@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    allow(Kind.CLIENT, "2001:DB8:0::/32");
    passed(ask("2001:db8:9::1", "a@b.example", ME), Why.ALLOWED);
    allow(Kind.HOST, ".provider.example");
    passed(
        join(
            greylist.ask(
                attempt("203.0.113.1", "", "mx1.Provider.example", "a@b.example", ME, ""))),
        Why.ALLOWED);
    allow(Kind.HELO, "old-printer.example");
    passed(
        join(
            greylist.ask(attempt("203.0.113.9", "OLD-printer.example", "", "q@b.example", ME, ""))),
        Why.ALLOWED);
  }

  @Test
  void listEntriesAreShownEndAndAreRemoved() {
    allow(Kind.CLIENT, "198.51.100.1");
    Exemption ending =
        new Exemption(
            Kind.CLIENT,
            "198.51.100.2",
            Duration.ZERO,
            "admin",
            clock.instant(),
            "for an hour",
            Optional.of(clock.instant().plus(Duration.ofHours(1))));
    join(greylist.allow(ending));
    assertThat(greylist.exemptions())
        .extracting(Exemption::id)
        .containsExactly("client:198.51.100.1", "client:198.51.100.2");
    assertThat(greylist.exemptions().getFirst().by()).isEqualTo("admin");
    passed(ask("198.51.100.2", "a@b.example", ME), Why.ALLOWED);
    clock.minutes(60);
    deferred(ask("198.51.100.2", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
    assertThat(greylist.exemptions()).hasSize(1);
    assertThat(join(greylist.remove("client:198.51.100.1"))).isTrue();
    assertThat(join(greylist.remove("client:198.51.100.1"))).isFalse();
    assertThat(greylist.exemptions()).isEmpty();
    deferred(ask("198.51.100.1", "a@d.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void listEntriesAreThereAfterARestart() {
    allow(Kind.SENDER_DOMAIN, "c.example");
    greylist.close();
    greylist = start(GreylistSettings.DEFAULT);
    assertThat(greylist.exemptions())
        .singleElement()
        .matches(each ->
            each.id().equals("sender-domain:c.example") && each.reason().equals("a reason"));
    passed(askSpf("192.0.2.1", "x@c.example", ME), Why.ALLOWED);
  }

  @Test
  void whatIsNoSuchValueIsRefusedWithAHint() {
    assertThatThrownBy(() -> allow(Kind.CLIENT, "192.0.2.300"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("192.0.2.0/24");
    assertThatThrownBy(() -> allow(Kind.CLIENT, "192.0.2.1/24"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> allow(Kind.RECIPIENT, "nobody"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("user@example.org");
    assertThatThrownBy(() -> allow(Kind.HOST, "a b")).isInstanceOf(IllegalArgumentException.class);
    assertThat(greylist.exemptions()).isEmpty();
  }

  @Test
  void aRecipientMayHaveADelayOfItsOwn() {
    join(greylist.allow(entry(Kind.RECIPIENT_DOMAIN, "slow.example", Duration.ofMinutes(20))));
    join(greylist.allow(entry(Kind.RECIPIENT, "boss@slow.example", Duration.ofMinutes(1))));
    deferred(ask("192.0.2.1", "a@b.example", "x@slow.example"), Why.NEW, Duration.ofMinutes(20));
    deferred(ask("192.0.2.1", "a@b.example", "boss@slow.example"), Why.NEW, Duration.ofMinutes(1));
    clock.minutes(2);
    deferred(ask("192.0.2.1", "a@b.example", "x@slow.example"), Why.EARLY, Duration.ofMinutes(18));
    passed(ask("192.0.2.1", "a@b.example", "boss@slow.example"), Why.RETRY);
  }

  @Test
  void aRulesOwnDelayCountsAndIsBoundedByMaxWait() {
    Attempt attempt =
        new Attempt(
            ip("192.0.2.1"),
            "",
            "",
            "a@b.example",
            ME,
            "",
            Optional.of(Duration.ofHours(9)),
            false);
    deferred(join(greylist.ask(attempt)), Why.NEW, Duration.ofHours(6));
    Attempt none =
        new Attempt(
            ip("192.0.2.2"), "", "", "x@b.example", ME, "", Optional.of(Duration.ZERO), false);
    passed(join(greylist.ask(none)), Why.NO_DELAY);
  }

  @Test
  void oneDeferredMessageCanBeReleased() {
    ask("192.0.2.1", "a@b.example", ME);
    ask("192.0.2.1", "c@b.example", ME);
    TripletFilter one = TripletFilter.ALL.withSender("a@b.example").withRecipient(ME);
    assertThat(join(greylist.release(one, "admin"))).isEqualTo(1);
    assertThat(join(greylist.release(one, "admin"))).isZero();
    assertThat(join(greylist.list(one, "", 10)).items())
        .singleElement()
        .matches(triplet ->
            triplet.state() == Triplet.State.RELEASED && triplet.releasedBy().equals("admin"));
    clock.minutes(1);
    assertThat(ask("192.0.2.1", "a@b.example", ME))
        .isEqualTo(new Answer.Passed(Why.RELEASED, Duration.ofMinutes(1), 2, "admin"));
    deferred(ask("192.0.2.1", "c@b.example", ME), Why.EARLY, Duration.ofMinutes(4));
    assertThat(join(greylist.release(TripletFilter.ALL.withClient("192.0.2.0/24"), "admin")))
        .isEqualTo(1);
    passed(ask("192.0.2.1", "c@b.example", ME), Why.RELEASED);
  }

  @Test
  void whatIsForgottenIsGreylistedAnew() {
    ask("192.0.2.1", "a@b.example", ME);
    clock.minutes(6);
    passed(ask("192.0.2.1", "a@b.example", ME), Why.RETRY);
    assertThat(join(greylist.forget(TripletFilter.ALL.withRecipient("@example.org")))).isEqualTo(1);
    deferred(ask("192.0.2.1", "a@b.example", ME), Why.NEW, Duration.ofMinutes(5));
  }

  @Test
  void listingShowsNetworkSenderAndRecipientAPageAtATime() {
    for (int i = 0; i < 25; i++) {
      ask("192.0.2.1", "s" + (char) ('a' + i) + "@b.example", ME);
    }
    ask("2001:db8::1", "", "You@example.org");
    List<Triplet> all = new ArrayList<>();
    Page<Triplet> page = join(greylist.list(TripletFilter.ALL, "", 10));
    while (true) {
      all.addAll(page.items());
      if (page.next().isEmpty()) {
        break;
      }
      page = join(greylist.list(TripletFilter.ALL, page.next().get(), 10));
    }
    assertThat(all).hasSize(26);
    assertThat(all.getFirst())
        .matches(triplet ->
            triplet.origin().equals("2001:db8::/64")
                && triplet.sender().isEmpty()
                && triplet.recipient().equals("you@example.org")
                && triplet.state() == Triplet.State.WAITING
                && triplet.due().equals(clock.instant().plus(Duration.ofMinutes(5))));
    assertThat(join(greylist.list(TripletFilter.ALL.withSender("<>"), "", 10)).items()).hasSize(1);
    assertThat(join(greylist.list(TripletFilter.ALL.withClient("192.0.2.9/32"), "", 10)).items())
        .isEmpty();
    assertThatThrownBy(() -> greylist.list(TripletFilter.ALL.withClient("nonsense"), "", 10))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsObservedIsRecorded() {
    Attempt observed =
        new Attempt(ip("192.0.2.1"), "", "", "a@b.example", ME, "", Optional.empty(), true);
    deferred(join(greylist.ask(observed)), Why.NEW, Duration.ofMinutes(5));
    assertThat(join(greylist.list(TripletFilter.ALL, "", 10)).items())
        .singleElement()
        .matches(Triplet::observed);
    clock.minutes(6);
    passed(join(greylist.ask(observed)), Why.RETRY);
  }

  @Test
  void explainingRecordsNothing() {
    Attempt attempt = attempt("192.0.2.1", "", "", "News+1234@b.example", ME, "b.example");
    Explanation before = join(greylist.explain(attempt));
    deferred(before.answer(), Why.NEW, Duration.ofMinutes(5));
    assertThat(before.triplets()).isEmpty();
    assertThat(before.sender()).isEqualTo("news@b.example");
    assertThat(before.origins()).containsExactly("192.0.2.0/24", "b.example");
    deferred(join(greylist.ask(attempt)), Why.NEW, Duration.ofMinutes(5));
    clock.minutes(1);
    Explanation after = join(greylist.explain(attempt));
    deferred(after.answer(), Why.EARLY, Duration.ofMinutes(4));
    assertThat(after.triplets()).hasSize(1);
    assertThat(join(greylist.list(TripletFilter.ALL, "", 10)).items())
        .singleElement()
        .matches(triplet -> triplet.tries() == 1);
  }

  @Test
  void aClockSetBackAnHourKeepsNobodyWaitingLongerThanTheDelay() {
    ask("192.0.2.1", "a@b.example", ME);
    ask("192.0.2.1", "k@b.example", ME);
    clock.minutes(6);
    passed(ask("192.0.2.1", "k@b.example", ME), Why.RETRY);
    ask("192.0.2.1", "late@b.example", ME);
    clock.minutes(-60);
    deferred(ask("192.0.2.1", "late@b.example", ME), Why.EARLY, Duration.ofMinutes(5));
    passed(ask("192.0.2.1", "k@b.example", ME), Why.KNOWN);
    clock.minutes(5);
    passed(ask("192.0.2.1", "late@b.example", ME), Why.RETRY);
    deferred(ask("192.0.2.1", "a@b.example", ME), Why.EARLY, Duration.ofMinutes(5));
    clock.minutes(5);
    passed(ask("192.0.2.1", "a@b.example", ME), Why.RETRY);
    assertThat(greylist.counters().all().get("clock-set-back")).isPositive();
  }

  @Test
  void aStoreThatFailsDelivers() {
    store.close();
    assertThat(ask("192.0.2.1", "a@b.example", ME))
        .isInstanceOfSatisfying(
            Answer.Failed.class, failed -> assertThat(failed.reason()).contains("closed"));
    assertThat(greylist.counters().failures()).isEqualTo(1);
  }

  @Test
  void everyAnswerIsCounted() {
    ask("192.0.2.1", "a@b.example", ME);
    ask("192.0.2.1", "a@b.example", ME);
    clock.minutes(6);
    ask("192.0.2.1", "a@b.example", ME);
    assertThat(greylist.counters().answered(Why.NEW)).isEqualTo(1);
    assertThat(greylist.counters().answered(Why.EARLY)).isEqualTo(1);
    assertThat(greylist.counters().answered(Why.RETRY)).isEqualTo(1);
    assertThat(greylist.counters().all()).containsEntry("answered-new", 1L);
  }
}

"""Cards over several channels in whole runs: what one does not deliver the next is given, and each card is proved."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest
from tests.fakes.store import MemoryStore
from tests.rehearsal.world import CAMPAIGN_ID, World, callee, campaign, fill

from baitie.adapters.signing.es256 import signer_of, verify_es256
from baitie.app.campaign.campaign import Campaign, CardRoute
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import MessageEvent, MessageReceipt, MessageRefused, OutgoingMessage, ReceiptState
from baitie.app.ports.signing import CardSigning
from baitie.app.proof.card_signatures import prove_card
from baitie.domain.dialing.policy import OnLateCard
from baitie.kernel.errors import Party
from baitie.kernel.journal import JournalKind
from baitie.kernel.records import AttemptRecord
from baitie.kernel.time import Instant
from baitie.rehearsal.fast.messages import SimulatedMessages

FLASH, SMS = CardRoute("flash", "10690000", is_flash=True), CardRoute("sms", "10690000", is_flash=False)
VENDOR = CardRoute("yun", "10690000", is_flash=True, vendor="yun")
SIGNING = CardSigning(signer_of(3), "https://cards.example/passport.pem", "云杉优选")


@dataclass
class Refusing:
    """A network that refuses some messages at once and hands the others on."""

    inner: SimulatedMessages
    refuses: Callable[[OutgoingMessage], bool]
    seen: list[OutgoingMessage] = field(default_factory=list)
    _listener: Callable[[MessageEvent], None] = field(default=lambda event: None)

    @property
    def clock(self) -> Clock:
        return self.inner.clock

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        self._listener = on_event
        self.inner.listen(on_event)

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    def submit(self, message: OutgoingMessage) -> None:
        self.seen.append(message)
        if not self.refuses(message):
            self.inner.submit(message)
            return
        refused = MessageRefused(message.card_id, "flash-not-supported", Party.CARRIER, may_resubmit=False)
        self.clock.call_at(Instant(self.clock.now() + 0.05), partial(self._listener, refused))


def over(*routes: CardRoute, after_last: OnLateCard = OnLateCard.RING_ANYWAY) -> Campaign:
    """The campaign with these channels, each tried after the other."""
    base = campaign()
    assert base.card is not None
    policy = replace(base.policy, on_late_card=OnLateCard.NEXT_CHANNEL, after_last_channel=after_last)
    return replace(base, card=replace(base.card, channels=routes), policy=policy)


def run(chosen: Campaign, refuses: Callable[[OutgoingMessage], bool], leads: int = 60) -> tuple[World, MemoryStore]:
    store = MemoryStore()
    fill(store, leads)
    world = World(store, chosen, wrap_messages=lambda inner: Refusing(inner, refuses), signing=SIGNING)
    world.run()
    return world, store


def with_card(store: MemoryStore) -> list[AttemptRecord]:
    return [attempt for attempt in store.attempts(CAMPAIGN_ID) if attempt.card_submitted_at is not None]


def test_where_flash_is_refused_the_plain_message_goes_and_the_ring_waits_for_it() -> None:
    _, store = run(over(FLASH, SMS), lambda message: message.is_flash)
    attempts = with_card(store)
    assert len(attempts) >= 60
    assert {attempt.card_channel for attempt in attempts} == {"sms"}
    for attempt in attempts:
        first, second = store.sent_cards(attempt.attempt_id)
        assert (first.channel, first.outcome, second.channel) == ("flash", "refused", "sms")
    delivered = [attempt for attempt in attempts if attempt.card_outcome == "delivered"]
    assert len(delivered) > len(attempts) / 2
    assert all(attempt.card_lead_ms is not None for attempt in delivered if attempt.rang_at is not None)


def test_first_channel_that_delivers_is_the_only_one_that_is_used() -> None:
    _, store = run(over(SMS, VENDOR), lambda message: False)
    for attempt in with_card(store):
        cards = store.sent_cards(attempt.attempt_id)
        if cards[0].outcome == "delivered" and attempt.card_outcome == "delivered" and len(cards) == 1:
            assert attempt.card_channel == "sms"
        else:  # the first was late or lost, and only then the vendor had its turn
            assert [card.channel for card in cards] in (["sms", "yun"], ["sms"])
    used = Counter(len(store.sent_cards(attempt.attempt_id)) for attempt in with_card(store))
    assert used[1] > used[2] > 0


@pytest.mark.parametrize("after_last", [OnLateCard.RING_ANYWAY, OnLateCard.GIVE_UP])
def test_when_all_channels_refuse_the_campaign_says_whether_it_rings(after_last: OnLateCard) -> None:
    world, store = run(over(FLASH, SMS, VENDOR, after_last=after_last), lambda message: True, leads=10)
    assert bool(world.calls.placed) == (after_last is OnLateCard.RING_ANYWAY)
    for attempt in with_card(store):
        assert [card.channel for card in store.sent_cards(attempt.attempt_id)] == ["flash", "sms", "yun"]


def test_every_card_that_left_is_proved_by_what_the_store_and_the_journal_have() -> None:
    world, store = run(over(FLASH, SMS), lambda message: message.is_flash, leads=20)
    texts = {message.card_id: message.text for message in world.messages.submitted}
    entries = [entry for _, entry in store.journal(CAMPAIGN_ID) if entry.kind is JournalKind.CARD_SUBMITTED]
    proved = 0
    for attempt in with_card(store):
        about = [entry for entry in entries if entry.attempt_id == attempt.attempt_id]
        number = callee(int(attempt.callee_id.removeprefix("ce_"))).number
        for sent, entry in zip(store.sent_cards(attempt.attempt_id), about, strict=True):
            text = texts.get(sent.card_id, texts[store.sent_cards(attempt.attempt_id)[1].card_id])
            proof = prove_card(sent, text, number, entry, verify_es256)
            assert proof.is_genuine, proof
            assert proof.signed_at == sent.submitted_at.replace(microsecond=0)
            proved += 1
    assert proved == 2 * len(with_card(store)) > 0


def test_same_seed_gives_the_same_journal_with_tokens_and_all() -> None:
    journals = [run(over(FLASH, SMS), lambda message: message.is_flash, leads=15)[1].disk.chain for _ in range(2)]
    assert journals[0] == journals[1]


class Doubting(Refusing):
    """A centre that says UNKNOWN of each message before it says what became of it; of the refused it says no more."""

    def submit(self, message: OutgoingMessage) -> None:
        if not self.refuses(message):
            self.inner.submit(message)
        doubt = MessageReceipt(message.card_id, ReceiptState.UNKNOWN, "UNKNOWN")
        self.clock.call_at(Instant(self.clock.now() + 0.01), partial(self._listener, doubt))


@pytest.mark.parametrize("after_last", [OnLateCard.RING_ANYWAY, OnLateCard.GIVE_UP])
def test_a_receipt_unknown_ends_no_wait_and_the_definite_one_counts(after_last: OnLateCard) -> None:
    plain, store = MemoryStore(), MemoryStore()
    for each in (plain, store):
        fill(each, 60)
    one_channel = over(FLASH, after_last=after_last)
    World(plain, one_channel, signing=SIGNING).run()
    World(store, one_channel, wrap_messages=lambda inner: Doubting(inner, lambda message: False), signing=SIGNING).run()
    doubted, certain = with_card(store), with_card(plain)
    assert [attempt.card_outcome for attempt in doubted] == [attempt.card_outcome for attempt in certain]
    assert Counter(attempt.card_outcome for attempt in doubted)["delivered"] > 30
    notes = [entry for _, entry in store.journal(CAMPAIGN_ID) if entry.facts.get("state") == "unknown"]
    assert len(notes) == len(doubted)


def test_a_receipt_unknown_alone_leaves_the_ring_to_the_end_of_the_wait() -> None:
    store = MemoryStore()
    fill(store, 20)
    World(store, over(FLASH), wrap_messages=lambda inner: Doubting(inner, lambda message: True), signing=SIGNING).run()
    wait = timedelta(seconds=campaign().policy.receipt_wait_s)
    rung = [attempt for attempt in with_card(store) if attempt.invite_sent_at is not None]
    assert len(rung) >= 20
    for attempt in rung:
        assert attempt.card_outcome == "late"
        assert attempt.card_submitted_at is not None
        assert attempt.invite_sent_at is not None
        assert attempt.invite_sent_at - attempt.card_submitted_at >= wait

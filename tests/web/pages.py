"""A page over a store in memory with one card sent, as the tests of the page look at it."""

import asyncio
import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from tests.fakes.store import MemoryStore

from baitie.app.page.callee_page import BrandState, CallBackWish, CalleePage, Ticket
from baitie.app.proof.journal_verifier import Soundness
from baitie.app.records.batch import Batch
from baitie.app.records.card_file import CardFile
from baitie.app.records.page_cards import CampaignOverview, PageCard
from baitie.domain.consent.register import Preference
from baitie.domain.namecard.page_code import PageCode, make_page_code
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord
from baitie.locale.catalogue import catalogue
from baitie.web.callee import CalleeSite, PageSettings
from baitie.web.callee.settings import LANGUAGES

NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+8613800005678")
NAME = "欧阳小敏"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
CODES = random.Random(5)
CAMPAIGN = CampaignId("order-followup")


@dataclass
class ActsInMemory:
    """Fulfils `CalleeDesk` and notes what it was told."""

    store: MemoryStore
    told: list[tuple[str, Any]] = field(default_factory=list)

    def stop_calling(self, file: CardFile, at: datetime) -> None:
        self.told.append(("stop", at))
        refusal = Refusal(file.callee.callee_id, at, RefusalChannel.PAGE, "callee")
        self.store.record_refusal_or_freeze(Batch(refusals=[refusal]))

    def wish(self, file: CardFile, preference: Preference, at: datetime) -> None:
        self.told.append(("wish", preference))
        self.store.record_refusal_or_freeze(Batch(preferences=[preference]))

    def complain(self, file: CardFile, about: str, at: datetime) -> Ticket:
        self.told.append(("complain", about))
        return Ticket("7f3k2m9q", date(2026, 3, 24))

    def call_back(self, file: CardFile, wish: CallBackWish, at: datetime) -> date:
        self.told.append(("call-back", wish))
        return wish.wanted_until.date()

    def forget(self, file: CardFile, at: datetime) -> date:
        self.told.append(("forget", file.callee.callee_id))
        self.store.record_refusal_or_freeze(Batch(forgotten=[file.callee.callee_id]))
        return date(2026, 3, 24)


@dataclass
class World:
    """Store, clocks and site. `clock_s` is the monotonic clock; `brand` and `soundness` may be set."""

    name: str = NAME
    enterprise: str = "云杉优选商城"
    campaign_name: str = "订单回访"
    answer_after_s: float = 0.0
    burst: int = 10_000
    address: str = "https://card.example/"
    now: datetime = NOW
    clock_s: float = 0.0
    brand: BrandState = BrandState.NOT_KEPT
    soundness: Soundness = field(default_factory=lambda: Soundness(100, 100, NOW, "5f" * 8))
    store: MemoryStore = field(default_factory=lambda: MemoryStore(is_inline=True))

    def __post_init__(self) -> None:
        self.acts = ActsInMemory(self.store)
        self.page = CalleePage(self.store, _Sight(self), lambda campaign, at: self.brand, lambda *_: False)
        self.site = CalleeSite(self.page, self.acts, self.settings(), lambda: self.now, lambda: self.clock_s)
        self.code = self.card("a")

    def settings(self) -> PageSettings:
        from baitie.web.callee import Picture

        return PageSettings(
            enterprise=self.enterprise,
            address=self.address,
            zone=ZoneInfo("Asia/Shanghai"),
            zone_name="Asia/Shanghai",
            form_key=bytes(32),
            hotline="4000000000",
            website="https://example.com/",
            logo=Picture("logo.png", "image/png", PNG),
            pictures=(Picture("1.png", "image/png", PNG),),
            burst_per_address=self.burst,
            answer_after_s=self.answer_after_s,
            texts={lang: catalogue("page", lang) for lang in LANGUAGES},
        )

    def card(self, part: str, code: PageCode | None = None) -> PageCode:
        """Send a card to one more callee; gives its code."""
        code = code or make_page_code(CODES.getrandbits)
        callee = CalleeRecord(CalleeId(f"ca_{part}"), _number(part), NumberClass.MOBILE, "CN", ("Asia/Shanghai",))
        lead = LeadRecord(
            LeadId(f"ld_{part}"), CAMPAIGN, callee.callee_id, 2, self.name, {"tail": "1542"}, "商城订单", "购物合同"
        )
        text = f"【云杉优选】即将致电回访尾号1542的订单。查验码{code.text()}"
        attempt = AttemptRecord(
            AttemptId(f"at_{part}"), lead.lead_id, CAMPAIGN, callee.callee_id, PhoneNumber("+862150000100"), "loopback",
            AttemptState.ENDED, NOW, card_text_hash=hashlib.sha256(text.encode()).hexdigest(), card_submitted_at=NOW,
            invite_sent_at=NOW + timedelta(seconds=3), ended_at=NOW + timedelta(seconds=40), outcome=Outcome.ANSWERED,
            answers={"received": "1"},
        )  # fmt: skip
        entry = JournalEntry(
            JournalKind.CARD_SUBMITTED, NOW, CAMPAIGN, lead.lead_id, attempt.attempt_id, callee.callee_id,
            {"text_hash": attempt.card_text_hash},
        )  # fmt: skip
        facts = CampaignOverview(
            CAMPAIGN, self.campaign_name, self.enterprise, Purpose.CARE, "order-followup", "1", ("+862150000100",),
            "【云杉优选】即将致电回访尾号{tail}的订单。查验码{code}", "zh-CN",
            slot_types={"tail": "phone_tail", "code": "code"},
        )  # fmt: skip
        self.store.import_leads(CAMPAIGN, [callee], [lead], replace(entry, kind=JournalKind.CONTACTS_IMPORTED))
        opened = PageCard(code, attempt.attempt_id, callee.callee_id, NOW, NOW + timedelta(days=90))
        self.store.commit(Batch(journal=[entry], attempts=[attempt], page_cards=[opened], campaigns=[facts]))
        return code

    def ask(self, method: str, path: str, address: str = "203.0.113.7", **more: Any) -> httpx.Response:
        """One request from an address."""

        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(self.site.app, client=(address, 40_000))
            async with httpx.AsyncClient(transport=transport, base_url="https://card.example") as client:
                return await client.request(method, path, **more)

        return asyncio.run(answer())

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def place(self, code: PageCode | None = None) -> str:
        """The path of a card's page."""
        return f"/c/{(code or self.code).text()}"

    def send(self, act: str, code: PageCode | None = None, **fields: Any) -> httpx.Response:
        """Open the page, fill in one of its forms, send it."""
        return self.ask("POST", f"{self.place(code)}/{act}", data={"token": self.token(act, code), **fields})

    def token(self, act: str, code: PageCode | None = None) -> str:
        page = self.get(self.place(code)).text
        return page.partition(f"/{act}")[2].partition('name="token" value="')[2].partition('"')[0]


class _Sight:
    """What the world says of its journal, as it is then."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.soundness, name)


def _number(part: str) -> PhoneNumber:
    return NUMBER if part == "a" else PhoneNumber(f"+86139{int.from_bytes(part.encode()) % 10**8:08}")

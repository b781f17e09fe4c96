"""A campaign as the use cases need it: everything decided beforehand, checked and immutable."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

from baitie.app.campaign.agent_plan import AgentPlan
from baitie.app.campaign.answering_plan import AnsweringPlan
from baitie.app.campaign.content import content_of
from baitie.app.campaign.filing_plan import FilingPlan
from baitie.app.campaign.rich_call import RichCallPlan
from baitie.domain.dialing.policy import DialingPolicy
from baitie.domain.namecard.page_code import SAMPLE_PAGE_CODE, PageCode, code_values
from baitie.domain.namecard.template import CardChannel, NameCardTemplate, SlotType
from baitie.domain.namecard.words import CardWords
from baitie.domain.numberpool import NumberTerms
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.standing import CalleeRole, ContentFact, LineClass, SeriesBasis, SeriesFact
from baitie.domain.voicebot.script import Script
from baitie.kernel.ids import CampaignId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import LeadRecord
from baitie.kernel.time import Window


@dataclass(frozen=True, slots=True)
class CardRoute:
    """Way of a card (名片通道): as the campaign names it, with the sender that handsets show.

    `vendor` is the vendor's name where the card goes over its HTTP interface; None is the message centre.
    """

    name: str
    sender: str
    is_flash: bool
    vendor: str | None = None


@dataclass(frozen=True, slots=True)
class CardPlan:
    """Card plan (名片方案): how the name card goes ahead of the ring."""

    template: NameCardTemplate
    words: CardWords
    sender: str
    is_flash: bool
    validity_s: float
    values: Mapping[str, str] = field(default_factory=dict)  # slots that are the same for everybody
    page_address: str = ""  # where callees look up who called, with its scheme
    code_valid_days: int = 90
    channels: tuple[CardRoute, ...] = ()  # tried in this order; none: the template's own channel over the centre

    @property
    def routes(self) -> tuple[CardRoute, ...]:
        """The ways of the card, the first to be tried first."""
        own = CardChannel.FLASH if self.is_flash else CardChannel.SMS
        return self.channels or (CardRoute(own.value, self.sender, self.is_flash),)

    @property
    def has_code(self) -> bool:
        """Whether its cards carry a code of the callee's page."""
        return any(spec.type in (SlotType.CODE, SlotType.LINK) for spec in self.template.slots.values())


@dataclass(frozen=True, slots=True)
class TrunkPlan:
    """What one trunk (中继) may carry."""

    name: str
    attempts_per_s: float
    calls_in_flight_max: int


_NO_TERMS = NumberTerms()

SERIES_KEY_CHARS = 16
"""Enough that no two series of one callee share a name."""


_NO_NAMES = ("无", "没有", "暂无", "空", "n/a", "na", "none", "null", "nan")
_NO_NAME_SIGNS = "-_/.0—–"
"""What lists write where there is no order or course: no name of a series, which would be spared the caps of others."""


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """Where the leads of a campaign name the series (系列来电) that their call is a part of, and why it is one."""

    slot: str  # such as the order's number, or the course of visits
    basis: SeriesBasis


@dataclass(frozen=True, slots=True)
class PresentedNumber:
    """A number that callees may see (外显号码): chosen because it is filed for this purpose."""

    number: PhoneNumber
    calls_in_flight_max: int
    terms: NumberTerms = _NO_TERMS


@dataclass(frozen=True, slots=True)
class Campaign:
    """Campaign (活动): purpose, script, card, limits and windows."""

    campaign_id: CampaignId
    name: str
    enterprise: str
    purpose: Purpose
    policy: DialingPolicy
    script: Script
    rules: RuleBook
    trunk: TrunkPlan
    presented_numbers: tuple[PresentedNumber, ...]
    card: CardPlan | None = None
    filing: FilingPlan | None = None  # None: cards go out without asking the register
    windows: tuple[Window, ...] = ()  # stricter than the rules, in the callee's local time
    attempts_max_per_day: int | None = None  # budget
    zone: tzinfo = UTC  # of the enterprise: where the budget's day begins
    allow_list: frozenset[PhoneNumber] | None = None
    recordings: Path | None = None  # folder; None records nothing
    idle_wait_max_s: float = 4 * 3600.0  # civil: a run ends rather than wait longer for the next lead
    callee_role: CalleeRole | None = None  # of everybody on the list; None where nobody said
    line_classes: frozenset[LineClass] | None = None  # of the presented numbers
    rich_call: RichCallPlan | None = None  # what the INVITE states besides the number; None: nothing
    trade: str | None = None  # what it declares to be about, for rules about restricted industries
    answering: AnsweringPlan | None = None  # None: nobody answers who calls back
    agents: AgentPlan | None = None  # None: the bot speaks with everybody
    series: SeriesPlan | None = None  # None: its calls are held to the caps of their purpose
    content: ContentFact | None = field(init=False, repr=False, compare=False)
    """What its card and script disclose and contain, for the rules about content: worked out once."""

    def __post_init__(self) -> None:
        template = self.card.template if self.card else None
        content = content_of(template, self.script, is_recorded=bool(self.recordings))
        object.__setattr__(self, "content", content)

    @property
    def presented_if_single(self) -> str | None:
        """The number that callees will see, in E.164, where it can be told before one is chosen."""
        numbers = self.presented_numbers
        return numbers[0].number.e164() if len(numbers) == 1 else None

    @property
    def language(self) -> str | None:
        """The language of its card, which is that of the call (BCP 47); None where there is no card."""
        return None if self.card is None else self.card.template.language

    def series_of(self, lead: LeadRecord) -> SeriesFact | None:
        """The series that this lead's call is a part of. Its name is a hash: the list's own words stay in the list.

        The width and case of letters and the spaces of a name make no other series, whose caps would begin anew.
        """
        value = "" if self.series is None else lead.slots.get(self.series.slot, "")
        value = "".join(unicodedata.normalize("NFKC", value).casefold().split())
        if self.series is None or not value.strip(_NO_NAME_SIGNS) or value in _NO_NAMES:
            return None
        named = hashlib.sha256(f"{lead.callee_id} {value}".encode()).hexdigest()
        return SeriesFact(named[:SERIES_KEY_CHARS], self.series.basis)

    def segment_of(self, lead: LeadRecord) -> str | None:
        """The lead's segment where some rule names it: other words of the list are no matter of the rules."""
        segment = lead.segment.casefold()
        return segment if segment in self.rules.segments else None

    def budget_day(self, at: datetime) -> date:
        """The day whose budget an attempt at this time uses."""
        return at.astimezone(self.zone).date()

    def card_values(self, slots: Mapping[str, str], name: str, code: PageCode = SAMPLE_PAGE_CODE) -> dict[str, str]:
        """The values that a card of this campaign may use for one lead. Code and link are never taken from a list."""
        if self.card is None:
            return {"enterprise": self.enterprise, "name": name, **slots}
        of_page = code_values(self.card.template.slots.values(), code, self.card.page_address)
        return {"enterprise": self.enterprise, "name": name, **self.card.values, **slots, **of_page}


def template_over(template: NameCardTemplate, route: CardRoute) -> NameCardTemplate:
    """The template as it is filed for this way."""
    channel = CardChannel.FLASH if route.is_flash else CardChannel.SMS
    return template if template.channel is channel else replace(template, channel=channel)

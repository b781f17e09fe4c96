"""The numbers of a campaign in a run: how each stands, which one an attempt presents, and what it has carried."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from baitie.app.campaign.campaign import Campaign, PresentedNumber
from baitie.app.gate.list_facts import ListFacts
from baitie.app.registers.number_use import NumberStore, is_taken, use_of
from baitie.domain.dialing.leases import LeaseBook, ResourceKey
from baitie.domain.filing import FilingReason
from baitie.domain.numberpool import NumberCandidate, NumberUse, bars, choose, free_at
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord

NUMBER_UNFILED = frozenset(
    {FilingReason.NUMBER_NOT_FILED, FilingReason.NUMBER_NOT_APPROVED, FilingReason.NUMBER_OTHER_PURPOSE}
)
"""What the register says where it is the number, and not the card, that must not be shown."""


_UNUSED = NumberUse()


@dataclass(slots=True)
class NumberBook:
    """Number book (号码用量簿): the use of every number, by E.164. All runs of one process share one."""

    uses: dict[str, NumberUse] = field(default_factory=dict)


@dataclass(slots=True)
class Numbers:
    """Numbers of a run (活动号码): asks the pool for each attempt and tells it what each number carried."""

    campaign: Campaign
    store: NumberStore
    list_facts: ListFacts
    leases: LeaseBook
    book: NumberBook
    _shown: tuple[tuple[str, PresentedNumber, ResourceKey], ...] = field(init=False)
    _stood: dict[str, NumberCandidate] = field(default_factory=dict)  # by E.164, as last asked

    def __post_init__(self) -> None:
        self._shown = tuple(
            (e164, shown, ("number", e164))
            for shown in self.campaign.presented_numbers
            for e164 in (shown.number.e164(),)
        )

    def load(self, civil_now: datetime) -> None:
        """Read how the numbers were used, as far as no run of this process knows it already."""
        for shown in self.campaign.presented_numbers:
            e164 = shown.number.e164()
            if e164 not in self.book.uses:
                self.book.uses[e164] = use_of(self.store, shown, self.campaign.budget_day, civil_now)

    def standing(self) -> list[NumberCandidate]:
        """Every number of the campaign as it stands at this instant."""
        in_use, stood, uses, free = self.list_facts.in_use(), self._stood, self.book.uses, self.leases.free
        standing = []
        for e164, shown, key in self._shown:
            use, calls_free, is_suspended = uses.get(e164, _UNUSED), free(key), e164 not in in_use
            one = stood.get(e164)
            if (
                one is None
                or one.use is not use
                or one.calls_free != calls_free
                or one.is_suspended is not is_suspended
            ):
                one = stood[e164] = NumberCandidate(e164, shown.terms, use, calls_free, is_suspended=is_suspended)
            standing.append(one)
        return standing

    def may_plan(self, standing: Sequence[NumberCandidate], civil_now: datetime) -> bool:
        """Whether it is worth looking at a lead: a number is free, or all are out of use, which the gate will say."""
        today = self.campaign.budget_day(civil_now)
        return all(one.is_suspended for one in standing) or any(not bars(one, civil_now, today) for one in standing)

    def choose(
        self, standing: Sequence[NumberCandidate], region: str | None, civil_now: datetime, unfiled: Collection[str]
    ) -> PresentedNumber | None:
        """The number of an attempt to a callee of this region."""
        filed = [replace(one, is_filed=one.number not in unfiled) for one in standing] if unfiled else standing
        found = choose(filed, region, civil_now, self.campaign.budget_day(civil_now))
        return next((shown for e164, shown, _ in self._shown if e164 == found), None)

    def free_at(self, civil_now: datetime) -> datetime | None:
        """When a number is free again by the passing of time alone; None where one is, or somebody has to act."""
        today, standing = self.campaign.budget_day(civil_now), self.standing()
        if any(not bars(one, civil_now, today) for one in standing):
            return None
        tomorrow_at = datetime.combine(today + timedelta(days=1), time.min, self.campaign.zone)
        return free_at(standing, civil_now, today, tomorrow_at)

    def begin(self, shown: PresentedNumber) -> None:
        """An attempt that will present it is planned."""
        e164 = shown.number.e164()
        self.book.uses[e164] = self.book.uses.get(e164, _UNUSED).begun()

    def over(self, record: AttemptRecord, outcome: Outcome | None) -> None:
        """An attempt is over; it counts where its INVITE left."""
        e164 = record.presented_number.e164()
        use = self.book.uses.get(e164, _UNUSED).over()
        shown = next((one for one in self.campaign.presented_numbers if one.number == record.presented_number), None)
        if record.invite_sent_at is not None and shown is not None:
            at = record.invite_sent_at
            use = use.counted(at, self.campaign.budget_day(at), is_taken(outcome), shown.terms.rest_s)
        self.book.uses[e164] = use

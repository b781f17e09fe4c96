"""Who called this callee, for which campaign and by which flow: for the page, and for whoever rings back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from baitie.app.campaign import Campaign
from baitie.app.filing import filed_card
from baitie.app.page_records import CampaignFacts
from baitie.domain.namecard.template import NameCardTemplate
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.records import AttemptRecord, LeadRecord

ATTEMPTS_SHOWN_MAX = 20
"""The newest attempts to one callee that are looked at: more than any cap allows in a month."""


def campaign_facts(campaign: Campaign) -> CampaignFacts:
    """The facts of a campaign as it runs now."""
    plan = campaign.card
    template: NameCardTemplate | None = None if plan is None else plan.template
    return CampaignFacts(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        enterprise=campaign.enterprise,
        purpose=campaign.purpose,
        script_id=campaign.script.script_id,
        script_version=campaign.script.version,
        presented_numbers=tuple(shown.number.e164() for shown in campaign.presented_numbers),
        card_text=None if template is None else template.text,
        card_language=None if template is None else template.language,
        card_text_hash=None if template is None else filed_card(template).content_hash,
        card_channel=None if template is None else template.channel.value,
        page_address=None if plan is None else plan.page_address,
        slot_types={} if template is None else {spec.name: spec.type.value for spec in template.slots.values()},
        card_values={} if plan is None else dict(plan.values),
    )


@dataclass(frozen=True, slots=True)
class CallerFound:
    """Caller found (来电溯源): the attempt that a callee means, its lead and its campaign.

    Lead and campaign are None where they were erased, or where no run has told its facts.
    """

    attempt: AttemptRecord
    lead: LeadRecord | None
    campaign: CampaignFacts | None


class CallerStore(Protocol):
    """What the look-up needs of the store."""

    def callee_ids(self, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, CalleeId]: ...
    def attempts_to(self, callee_id: CalleeId, count_max: int) -> Sequence[AttemptRecord]:
        """The newest attempts to a callee over all campaigns, the newest first; one indexed read."""
        ...

    def caller_of(self, attempt_id: AttemptId) -> CallerFound | None: ...
    def campaign_facts(self, campaign_id: CampaignId) -> CampaignFacts | None: ...


def attempts_seen(
    store: CallerStore, callee_id: CalleeId, presented: PhoneNumber | None = None
) -> Iterator[AttemptRecord]:
    """The attempts to this callee that may have rung or showed a card, the newest first, under the presented number
    where it is given."""
    for attempt in store.attempts_to(callee_id, ATTEMPTS_SHOWN_MAX):
        was_seen = attempt.invite_sent_at is not None or attempt.card_submitted_at is not None
        if was_seen and presented in (None, attempt.presented_number):
            yield attempt


def who_called(store: CallerStore, callee_id: CalleeId, presented: PhoneNumber | None = None) -> CallerFound | None:
    """The newest of `attempts_seen`; None where nobody called."""
    newest = next(attempts_seen(store, callee_id, presented), None)
    return None if newest is None else store.caller_of(newest.attempt_id)


def who_called_number(
    store: CallerStore, number: PhoneNumber, presented: PhoneNumber | None = None
) -> CallerFound | None:
    """As `who_called`, for whoever calls from this number."""
    callee_id = store.callee_ids([number]).get(number)
    return None if callee_id is None else who_called(store, callee_id, presented)

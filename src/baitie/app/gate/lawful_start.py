"""Whether a campaign may be started at all: what speaks against the campaign itself, whoever is called. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.verdict import Decision
from baitie.kernel.purpose import NumberClass


def of_campaign(facts: CallFacts) -> CallFacts:
    """The facts without what speaks against calling this one person: what is left the campaign has to answer for.

    Consents stay: a campaign that needs them and has a list of people without any is the campaign's fault.
    """
    return replace(
        facts,
        number_class=NumberClass.MOBILE,
        history=CalleeHistory(),
        refusals=(),
        freezes=(),
        complaints=(),
        preference=None,
        cards_sent=(),
        calls_in_flight=0,
        is_on_allow_list=None,
        registries=tuple([replace(copy, is_listed=False) for copy in facts.registries]),
    )


def main_region(regions: Iterable[str | None]) -> str | None:
    """Where most people of a list live; the first of several such. A few from elsewhere do not make a list lawful."""
    counts = Counter(regions)
    return max(counts, key=counts.__getitem__, default=None)


def unlawful_for_all(rules: RuleBook, everybody: Iterable[CallFacts]) -> CallFacts | None:
    """The facts of the first person, if the rules forbid for good to call anybody of these for this campaign.

    Looks no further than to the first person who may be called, now or later. `None` also where there is nobody.
    """
    first: CallFacts | None = None
    for facts in everybody:
        of_this = of_campaign(facts)
        if rules.judge(of_this).decision is not Decision.DENY:
            return None
        first = first or of_this
    return first

"""What-if variants of a campaign: `agents=5,hours=09:00-18:00,card=off,capacity=50,pace=5`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from baitie.app.campaign.campaign import Campaign
from baitie.files.fields import DayWindow
from baitie.kernel.errors import InputError
from baitie.kernel.ids import AgentId
from baitie.kernel.time import Window
from baitie.rehearsal.scenario import Scenario

AGENTS_MAX, CAPACITY_MAX, PACE_MAX = 500, 10_000, 2000.0


class WhatIfError(InputError):
    """This variant cannot be read. Write changes as `what=value`, joined by commas: `agents=5`, `hours=09:00-18:00`
    (several joined by `+`), `card=off`, `capacity=50` (calls at once), `pace=5` (attempts per second)."""

    code = "what-if-invalid"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What-if (假设方案): a campaign with some things otherwise."""

    name: str  # as it was written

    def apply(self, scenario: Scenario) -> Scenario:
        """The scenario with the changes. Raises `WhatIfError`."""
        campaign = scenario.campaign
        for part in self.name.split(","):
            what, _, value = (piece.strip() for piece in part.partition("="))
            change = _CHANGES.get(what)
            if change is None or not value:
                raise WhatIfError(part=part.strip(), known=", ".join(_CHANGES))
            try:
                campaign = change(campaign, value)
            except (ValueError, ValidationError):
                raise WhatIfError(part=part.strip()) from None
        return replace(scenario, campaign=campaign)


def _agents(campaign: Campaign, value: str) -> Campaign:
    if campaign.agents is None:
        raise WhatIfError("The campaign has no agents that could be more or fewer: set `pacing.mode` first.")
    count = _between(int(value), 1, AGENTS_MAX)
    roster = tuple(AgentId(f"agent-{number:03d}") for number in range(1, count + 1))
    return replace(campaign, agents=replace(campaign.agents, roster=roster))


def _hours(campaign: Campaign, value: str) -> Campaign:
    windows: list[Window] = [TypeAdapter(DayWindow).validate_python(part) for part in value.split("+")]
    return replace(campaign, windows=tuple(windows))


def _card(campaign: Campaign, value: str) -> Campaign:
    if value != "off":
        raise ValueError(value)
    return replace(campaign, card=None)


def _capacity(campaign: Campaign, value: str) -> Campaign:
    calls = _between(int(value), 1, CAPACITY_MAX)
    shown = tuple(replace(number, calls_in_flight_max=calls) for number in campaign.presented_numbers)
    return replace(campaign, trunk=replace(campaign.trunk, calls_in_flight_max=calls), presented_numbers=shown)


def _pace(campaign: Campaign, value: str) -> Campaign:
    per_s = float(value)
    if not 0 < per_s <= PACE_MAX:
        raise ValueError(value)
    return replace(campaign, trunk=replace(campaign.trunk, attempts_per_s=per_s))


def _between(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise ValueError(value)
    return value


_CHANGES: Mapping[str, Callable[[Campaign, str], Campaign]] = {
    "agents": _agents,
    "hours": _hours,
    "card": _card,
    "capacity": _capacity,
    "pace": _pace,
}

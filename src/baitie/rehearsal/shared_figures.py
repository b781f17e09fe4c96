"""Figures of campaigns that share agents: each campaign's own, and the team's where the agents are meant."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from baitie.domain.metrics.agent_time import BUSY, ms_by_state
from baitie.kernel.journal import JournalEntry
from baitie.rehearsal.forecast import DayFigures, agent_figures, figures_of
from baitie.rehearsal.rehearse import RehearsedRun


def figures_beside(runs: Sequence[RehearsedRun], zone: tzinfo) -> list[DayFigures]:
    """What a day came to for each campaign. Occupancy and minutes of talk are those of the whole team, for idle time
    is no campaign's own; `team_time_share` is how much of the team's talk and wrap-up the campaign had."""
    entries: list[JournalEntry] = [entry for _, entry in runs[0].store.journal()]
    of_team = agent_figures(entries)
    busy_ms = {run.scenario.campaign.campaign_id: 0 for run in runs}
    for campaign_id in busy_ms:
        spent_ms = ms_by_state(entry for entry in entries if entry.campaign_id == campaign_id)
        busy_ms[campaign_id] = sum(spent_ms[state] for state in BUSY)
    whole_ms = sum(busy_ms.values())
    found = []
    for run in runs:
        figures, campaign = figures_of(run, zone), run.scenario.campaign
        if campaign.agents is not None and whole_ms:
            share = busy_ms[campaign.campaign_id] / whole_ms
            figures = replace(figures, values={**figures.values, **of_team, "team_time_share": share})
        found.append(figures)
    return found

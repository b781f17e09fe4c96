"""Days of wire fidelity: SIP and SMPP bytes over the simulated network, the same people, the same journal each time."""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from baitie.adapters.store import SqlStore
from baitie.app.ports.calls import CallEnded, CallEvent, CallGateway
from baitie.bootstrap.fault_days import fault_days, read_plan
from baitie.bootstrap.folders import read_folder
from baitie.bootstrap.rehearsing import memory_stores, read_scenario
from baitie.bootstrap.wire_days import WireFidelity
from baitie.files.campaign_folder import CampaignFolder
from baitie.kernel.ids import LeadId
from baitie.rehearsal.crowd import with_leads
from baitie.rehearsal.faults import parse_fault_plan
from baitie.rehearsal.forecast import figures_of
from baitie.rehearsal.rehearse import FAST, FaultHooks, RehearsedRun, Stage, rehearse_once
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.wire.impairments import Impairments

EXAMPLE = Path(__file__).parents[2] / "examples" / "order-followup"
LEADS = 60
HOSTILE = Impairments(
    latency_median_s=0.03,
    latency_sigma=0.5,
    lost_rate=0.1,
    doubled_rate=0.1,
    held_back_rate=0.1,
    stream_cuts_per_h=60,
    stream_cut_s=2,
)


@pytest.fixture(scope="module")
def folder() -> CampaignFolder:
    return read_folder(EXAMPLE, dict(os.environ))


@pytest.fixture(scope="module")
def scenario(folder: CampaignFolder) -> Scenario:
    return with_leads(read_scenario(folder), LEADS)


def crowded(scenario: Scenario, calls_in_flight: int) -> Scenario:
    """As many calls at once as are allowed, as soon as they are."""
    campaign = scenario.campaign
    shown = tuple(replace(number, calls_in_flight_max=calls_in_flight) for number in campaign.presented_numbers)
    trunk = replace(campaign.trunk, attempts_per_s=1000.0, calls_in_flight_max=calls_in_flight)
    policy = replace(campaign.policy, ring_after_receipt_s=0.0)  # a card that is being read holds a place and no call
    return replace(scenario, campaign=replace(campaign, trunk=trunk, presented_numbers=shown, policy=policy))


def on(scenario: Scenario, way: Impairments) -> Scenario:
    return replace(scenario, profile=replace(scenario.profile, network=way))


def by_lead(run: RehearsedRun) -> dict[LeadId, list[str]]:
    """What became of each attempt of each lead."""
    found: dict[LeadId, list[str]] = {}
    for attempt in run.store.attempts(run.scenario.campaign.campaign_id):
        assert attempt.outcome is not None
        found.setdefault(attempt.lead_id, []).append(attempt.outcome.value)
    return found


def test_one_call_is_carried_by_sip_and_its_card_by_smpp(scenario: Scenario, folder: CampaignFolder) -> None:
    seen: list[dict[str, object]] = []
    wire = WireFidelity(folder.prompts, note=seen.append)
    run = rehearse_once(with_leads(scenario, 1), 1, memory_stores(), fidelity=wire)
    kinds = [str(each["kind"]) for each in seen]
    assert kinds.index("message") < kinds.index("shown") < kinds.index("invite")
    assert kinds.count("invite") == run.summary.progress.attempts >= 1
    assert wire.network is not None
    assert wire.network.datagrams_sent >= 4
    assert isinstance(run.store, SqlStore)
    assert run.store.verify_chain().is_whole
    run.close()


def test_fifty_calls_at_once_all_end_and_nothing_is_left(scenario: Scenario, folder: CampaignFolder) -> None:
    ringing, most = set[object](), 0

    def note(what: dict[str, object]) -> None:
        nonlocal most
        if what["kind"] == "invite":
            ringing.add(what["attempt"])
        elif what["kind"] == "over":
            ringing.discard(what.get("attempt"))
        most = max(most, len(ringing))

    run = rehearse_once(
        crowded(with_leads(scenario, 120), 50), 1, memory_stores(), fidelity=WireFidelity(folder.prompts, note=note)
    )
    assert most == 50
    assert not ringing
    state = run.store.campaign_state(run.scenario.campaign.campaign_id)
    assert state is not None
    assert not state.open_attempts
    run.close()


@pytest.mark.parametrize("way", [Impairments(), HOSTILE], ids=["quiet", "hostile"])
def test_the_same_seed_gives_the_same_journal_byte_for_byte_and_another_seed_another(
    scenario: Scenario, folder: CampaignFolder, way: Impairments
) -> None:
    journals = []
    for seed in (1, 1, 2):
        run = rehearse_once(on(scenario, way), seed, memory_stores(), fidelity=WireFidelity(folder.prompts))
        journals.append(([repr(row) for row in run.store.journal()], run.journal_hash()))
        run.close()
    first, again, other = journals
    assert first == again
    assert first[1] != other[1]
    assert len(first[0]) > LEADS


def test_a_way_that_loses_doubles_and_reorders_changes_no_outcome_but_that_of_a_ring_unheard(
    scenario: Scenario, folder: CampaignFolder
) -> None:
    """A 180 is not repeated (RFC 3261 §17.2.1): where it is lost, nobody can know that the telephone rang."""
    quiet = rehearse_once(scenario, 3, memory_stores(), fidelity=WireFidelity(folder.prompts))
    wire = WireFidelity(folder.prompts)
    seen: list[dict[str, object]] = []
    wire.note = seen.append
    harmed = rehearse_once(on(scenario, replace(HOSTILE, stream_cuts_per_h=0)), 3, memory_stores(), fidelity=wire)
    network = wire.network
    assert network is not None
    assert min(network.datagrams_lost, network.datagrams_doubled) > 20
    assert set(Counter(each["attempt"] for each in seen if each["kind"] == "invite").values()) == {1}
    rang = {each["attempt"] for each in seen if each["kind"] == "ringing"}
    unheard = [
        attempt
        for attempt in harmed.store.attempts(scenario.campaign.campaign_id)
        if attempt.failure_cause == "no-ringing" and attempt.attempt_id in rang
    ]
    assert 0 < len(unheard) < LEADS / 5
    others = {
        lead_id: found for lead_id, found in by_lead(harmed).items() if lead_id not in {a.lead_id for a in unheard}
    }
    assert others == {lead_id: found for lead_id, found in by_lead(quiet).items() if lead_id in others}
    quiet.close()
    harmed.close()


def test_a_card_whose_submit_was_under_way_when_the_connection_broke_is_never_taken_for_delivered(
    scenario: Scenario, folder: CampaignFolder
) -> None:
    cut = Impairments(stream_cuts_per_h=240, stream_cut_s=3)
    shown: Counter[object] = Counter()
    wire = WireFidelity(folder.prompts)
    wire.note = lambda what: shown.update([what["to"]] if what["kind"] == "shown" else [])
    run = rehearse_once(on(scenario, cut), 1, memory_stores(), fidelity=wire)
    numbers = {callee.callee_id: callee.number.e164() for callee in scenario.callees}
    attempts = run.store.attempts(scenario.campaign.campaign_id)
    delivered = [numbers[attempt.callee_id] for attempt in attempts if attempt.card_outcome == "delivered"]
    assert delivered
    assert not Counter[object](delivered) - shown
    assert any(attempt.card_outcome != "delivered" for attempt in attempts)
    run.close()


def test_meddling_works_on_wire_days_as_on_fast_ones(scenario: Scenario, folder: CampaignFolder) -> None:
    stages: list[Stage] = []
    for fidelity in (FAST, WireFidelity(folder.prompts)):
        rehearse_once(scenario, 1, memory_stores(), FaultHooks(on_begin=stages.append), fidelity).close()
    assert len(stages) == 2
    assert all(stage.clock.now() > 10 for stage in stages)


def test_chance_of_the_network_is_its_own(scenario: Scenario, folder: CampaignFolder) -> None:
    state = random.getstate()
    rehearse_once(on(scenario, HOSTILE), 1, memory_stores(), fidelity=WireFidelity(folder.prompts)).close()
    assert random.getstate() == state


@pytest.mark.parametrize("carries_audio", [False, True], ids=["wire", "audio"])
def test_agents_talk_to_the_same_callees_for_as_long_as_on_a_fast_day(carries_audio: bool) -> None:
    team = read_folder(Path(__file__).parent / "ten-agents", dict(os.environ))
    scenario = with_leads(read_scenario(team), 15 if carries_audio else 80)
    days = []
    for fidelity in (FAST, WireFidelity(team.prompts, carries_audio)):
        run = rehearse_once(scenario, 4, memory_stores(), fidelity=fidelity)
        found = figures_of(run, ZoneInfo("Asia/Shanghai"))
        days.append(
            (found.outcomes, {name: found.values[name] for name in ("occupancy", "talk_min", "abandonment_rate")})
        )
        run.close()
    (fast_outcomes, fast), (wire_outcomes, wire) = days
    assert fast_outcomes == wire_outcomes
    assert fast == pytest.approx(wire, rel=0.02, abs=0.002)


class Ear:
    """Hears how the media of each call were when it ended."""

    def __init__(self, calls: CallGateway, ended: list[dict[str, float]]) -> None:
        self._calls, self._ended = calls, ended

    def __getattr__(self, name: str) -> object:
        return getattr(self._calls, name)

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        def hear(event: CallEvent) -> None:
            if isinstance(event, CallEnded) and event.media is not None:
                self._ended.append(event.media)
            on_event(event)

        self._calls.listen(hear)


def test_with_audio_every_packet_is_sent_and_what_is_lost_is_counted(
    scenario: Scenario, folder: CampaignFolder
) -> None:
    some, ended = on(with_leads(scenario, 12), Impairments(lost_rate=0.05)), list[dict[str, float]]()
    wire = WireFidelity(folder.prompts, carries_audio=True)
    listen = FaultHooks(wrap_calls=lambda calls, stage: Ear(calls, ended))  # type: ignore[arg-type,return-value]
    run = rehearse_once(some, 1, memory_stores(), listen, wire)
    talked_ms = [a.evidence.talk_ms for a in run.store.attempts(some.campaign.campaign_id) if a.evidence is not None]
    names = ("packets_sent", "packets_received", "packets_lost")
    sent, received, lost = (sum(each[name] for each in ended) for name in names)
    assert sent == pytest.approx(sum(ms or 0 for ms in talked_ms) / 20, rel=0.05)
    assert 0.02 < lost / (lost + received) < 0.09
    assert wire.network is not None
    assert wire.network.datagrams_sent > sent + received
    run.close()


def test_days_with_all_faults_over_a_bad_way_keep_every_promise(scenario: Scenario, folder: CampaignFolder) -> None:
    plan = parse_fault_plan(read_plan("all"), "all")
    bad = replace(HOSTILE, lost_rate=0.05, stream_cuts_per_h=20)
    days = list(fault_days(on(scenario, bad), plan, range(1, 6), WireFidelity(folder.prompts)))
    assert [day.violations for day in days] == [()] * 5
    assert sum(day.lives for day in days) > 5, "the dialler was killed and came again"


def test_nobody_s_telephone_rings_a_third_time_in_a_day_even_where_the_dialler_did_not_hear_it_ring(
    scenario: Scenario, folder: CampaignFolder
) -> None:
    """By what the carrier saw, which knows of rings whose 180 was lost."""
    rang: dict[object, set[object]] = {}

    def note(what: dict[str, object]) -> None:
        if what["kind"] == "ringing":
            rang.setdefault(what["to"], set()).add(what["attempt"])

    wire = WireFidelity(folder.prompts, note=note)
    rehearse_once(on(scenario, replace(HOSTILE, lost_rate=0.2)), 1, memory_stores(), fidelity=wire).close()
    assert max(len(attempts) for attempts in rang.values()) == 2


def test_what_breaks_in_the_simulated_world_is_no_warning_of_ours(
    scenario: Scenario, folder: CampaignFolder, caplog: pytest.LogCaptureFixture
) -> None:
    cut = parse_fault_plan({"network": {"stream_cuts_per_h": 600.0}}, "p")
    days = list(fault_days(with_leads(scenario, 10), cut, [1], WireFidelity(folder.prompts)))
    assert [day.violations for day in days] == [()]
    assert caplog.records == []

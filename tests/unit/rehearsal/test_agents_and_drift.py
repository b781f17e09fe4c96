"""Profiles of agents and of change: shipped ones hold to what is published, and nothing changes where none is named."""

import random
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from baitie.files.profile_files import DEFAULT_PROFILE, PROFILES, profile_file
from baitie.rehearsal.drift import NO_DRIFT, DriftProfile, DriftStep
from baitie.rehearsal.people import Reaction, plan_call
from baitie.rehearsal.profile import AgentProfile, Profile, ProfileError, parse_profile

SHIPPED = sorted(PROFILES.glob("*.toml"))


def profile(file: Path) -> Profile:
    return parse_profile(tomllib.loads(file.read_text("utf-8")), file.name)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_profile_says_where_its_numbers_come_from(file: Path) -> None:
    assert profile(file).name == file.stem
    assert "assum" in file.read_text("utf-8").lower()


def test_calls_of_us_collections_come_out_as_published() -> None:
    """CallTime 2020: 13 % connections, 44 % mailboxes, 24 % not answered; 0.01 is three standard errors and more."""
    found = profile(PROFILES / "us-collections.toml")
    rng = random.Random(1)
    reactions = Counter(
        plan_call(found, "", hour, has_card=False, rng=rng).reaction for hour in range(9, 20) for _ in range(2000)
    )
    calls = reactions.total()
    assert reactions[Reaction.ANSWER] / calls == pytest.approx(0.13, abs=0.01)
    assert reactions[Reaction.VOICEMAIL] / calls == pytest.approx(0.44, abs=0.012)
    assert reactions[Reaction.NO_ANSWER] / calls == pytest.approx(0.24, abs=0.01)


def test_drift_and_steps_multiply_and_the_last_step_holds() -> None:
    drift = DriftProfile(0.5, 2.0, (DriftStep(1.0, answer_odds=0.4), DriftStep(2.0, talk_factor=3.0)))
    assert drift.answer_odds(0.0) == 1.0
    assert drift.answer_odds(3600.0) == pytest.approx(0.4 * 0.5 ** (1 / 24))
    assert drift.answer_odds(7200.0) == pytest.approx(0.5 ** (2 / 24))
    assert drift.talk_factor(86_400.0) == pytest.approx(2.0 * 3.0)
    assert NO_DRIFT.answer_odds(1e9) == NO_DRIFT.talk_factor(1e9) == 1.0


@pytest.mark.parametrize("steps", ["all", [7], [{"at_h": -1.0}], [{"at_h": 1.0, "odds": 2.0}], [{}]])
def test_a_bad_drift_is_refused_with_its_place(steps: object) -> None:
    table = tomllib.loads(DEFAULT_PROFILE.read_text("utf-8"))
    with pytest.raises(ProfileError, match=r"p\.toml.*drift"):
        parse_profile({**table, "drift": {"steps": steps}}, "p.toml")


def test_a_profile_without_agents_has_the_assumed_ones() -> None:
    table = tomllib.loads(DEFAULT_PROFILE.read_text("utf-8"))
    assert parse_profile({name: part for name, part in table.items() if name != "agents"}, "p").agents == AgentProfile()
    with pytest.raises(ProfileError, match="talk_mean_s"):
        parse_profile({**table, "agents": {"talk_mean_s": 9.0}}, "p.toml")


def test_a_shipped_profile_is_named_and_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    assert profile_file(None) == DEFAULT_PROFILE
    assert profile_file(tmp_path / "us-collections") == PROFILES / "us-collections.toml"
    own = tmp_path / "us-collections.toml"
    assert profile_file(own) == own

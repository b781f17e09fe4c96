"""`baitie rehearse` from the outside: text, JSON, page, both languages, and what is wrong with what was asked."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baitie.cli.main import run

EXAMPLE = Path(__file__).parents[3] / "examples" / "order-followup"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with a few people."""
    folder = tmp_path_factory.mktemp("rehearse") / "c"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.sqlite3*", "*.key", "*.jsonl", "report.*"))
    lines = (folder / "contacts.csv").read_text("utf-8").splitlines()[:25]
    (folder / "contacts.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def test_json_gives_each_variant_with_ranges_and_the_same_seeds_the_same_journals(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    found = []
    for _ in range(2):
        assert run(["rehearse", str(folder), "--seeds", "2", "--what-if", "card=off", "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
    as_it_is, card_off = found[0]["forecasts"]
    assert (as_it_is["variant"], card_off["variant"]) == ("", "card=off")
    assert as_it_is["figures"]["attempts"]["days"] == 2
    assert as_it_is["journals"]["1"] != as_it_is["journals"]["2"]
    assert card_off["figures"]["cards_before_ring_rate"]["high"] == 0.0
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before, "nothing was kept"


@pytest.mark.parametrize(("lang", "said"), [("zh", "真人接通"), ("en", "answers by people")])
def test_text_and_page_are_in_the_wanted_language_and_the_page_needs_nothing_beside_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, said: str
) -> None:
    page = tmp_path / "f.html"
    assert run(["rehearse", str(folder), "--seed", "3", "--lang", lang, "--html", str(page)]) == 0
    assert said in capsys.readouterr().out
    text = page.read_text("utf-8")
    assert said in text
    assert "<svg" in text
    assert "http" not in text


@pytest.fixture
def team(folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two campaigns on whose rosters the same three agents stand."""
    (tmp_path / "agents.csv").write_text("id,campaigns\na,\nb,\nc,\nd,elsewhere\n", "utf-8")
    made = []
    for name in ("one", "other"):
        made.append(Path(shutil.copytree(folder, tmp_path / name)))
        file = made[-1] / "campaign.toml"
        text = file.read_text("utf-8").replace('id = "order-followup"', f'id = "{name}"', 1)
        text += '\n[agents]\nroster = "../agents.csv"\n\n[pacing]\nmode = "predictive"\n'
        file.write_text(text, "utf-8")
    return made[0], made[1]


def test_campaigns_beside_each_other_share_their_agents(
    team: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = team
    assert run(["rehearse", str(one), "--beside", str(other), "--seeds", "2", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["campaigns"] == ["one", "other"]
    mine, theirs = (each["figures"] for each in said["forecasts"])
    assert mine["occupancy"] == theirs["occupancy"]
    assert mine["team_time_share"]["low"] + theirs["team_time_share"]["high"] == pytest.approx(1)
    assert mine["human_answers"]["low"] > 0 < theirs["human_answers"]["low"]


@pytest.mark.parametrize(("lang", "said"), [("zh", "占共用坐席通话与话后时间"), ("en", "share of the team's talk")])
def test_the_team_is_said_in_words(
    team: tuple[Path, Path], lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rehearse", str(team[0]), "--beside", str(team[1]), "--seed", "1", "--lang", lang]) == 0
    assert said in capsys.readouterr().out


def test_a_campaign_beside_itself_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rehearse", str(folder), "--beside", str(folder), "--seed", "1", "--lang", "en"]) == 2
    assert "different ids" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--start", "tomorrow"],
        ["--what-if", "agents=5"],
        ["--what-if", "luck=more"],
        ["--seeds", "0"],
        ["--beside", "other", "--what-if", "card=off"],
        ["--beside", "other", "--faults", "all"],
        ["--html", "/no/such/folder/f.html", "--seed", "1"],
    ],
)
def test_what_cannot_be_done_is_said_with_its_remedy(
    folder: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rehearse", str(folder), *wrong]) == 2
    said = capsys.readouterr()
    assert len(said.out + said.err) > 40


def test_seeds_are_counted_from_the_one_that_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def figures(*arguments: str) -> dict[str, dict[str, float]]:
        assert run(["rehearse", str(folder), *arguments, "--leads", "15", "--json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)["forecasts"]
        return dict(found["figures"])

    alone = [figures("--seed", seed)["ends_after_s"]["low"] for seed in ("1", "41", "42")]
    both = figures("--seed", "41", "--seeds", "2")["ends_after_s"]
    assert len(set(alone)) == 3
    assert (both["low"], both["high"]) == (min(alone[1:]), max(alone[1:]))


def test_a_day_is_rehearsed_at_any_fidelity_and_the_json_says_at_which(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = {}
    for fidelity in ("fast", "wire", "audio"):
        assert run(["rehearse", str(folder), "--seed", "2", "--fidelity", fidelity, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["fidelity"] == fidelity
        (days[fidelity],) = said["forecasts"]
    assert days["wire"]["outcomes"] == days["fast"]["outcomes"] == days["audio"]["outcomes"]
    assert len({day["journals"]["2"] for day in days.values()}) == 3, "the times differ"


@pytest.mark.parametrize("beside", [["--beside", "."], ["--repeat", "x.json"]])
def test_what_has_a_fidelity_of_its_own_is_refused_at_another(
    folder: Path, capsys: pytest.CaptureFixture[str], beside: list[str]
) -> None:
    assert run(["rehearse", str(folder), "--fidelity", "wire", *beside, "--lang", "en"]) == 2
    assert "at fast fidelity only" in capsys.readouterr().err


def test_the_fewest_lines_that_finish_in_time_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["rehearse", str(folder), "--finish-by", "20:00", "--seeds", "3"]
    assert run([*arguments, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    in_time = {one["count"]: one["in_time_share"] for one in plan["tried"]}
    assert plan["unit"] == "lines"
    assert in_time[plan["needed"]] >= 0.9
    assert plan["needed"] == 1 or in_time[plan["needed"] - 1] < 0.9
    assert run([*arguments, "--lang", "zh"]) == 0
    assert f"{plan['needed']} 条线路" in capsys.readouterr().out


def test_a_time_by_which_nothing_can_be_through_is_told_with_code_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rehearse", str(folder), "--finish-by", "10:01", "--seeds", "2", "--lang", "en"]) == 1
    assert "Not even 24 lines are through" in capsys.readouterr().out


@pytest.mark.parametrize("by", ["20:30", "12:00", "2026-03-04T08:00", "21:00+08:00"])
def test_a_day_that_ends_at_its_hours_with_leads_over_is_not_in_time(
    folder: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    evening = ["rehearse", str(folder), "--start", "2026-03-03T19:50", "--finish-by", by, "--seeds", "2"]
    assert run([*evening, "--json"]) == 1
    plan = json.loads(capsys.readouterr().out)
    assert plan["needed"] is None
    assert all(one["in_time_share"] == 0 and one["leads_left"]["low"] > 0 for one in plan["tried"])
    assert run([*evening, "--lang", "zh"]) == 1
    shown = capsys.readouterr().out
    assert "留待以后" in shown
    assert "100%" not in shown


def test_the_end_of_days_that_leave_leads_over_is_not_shown_as_an_end(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evening = ["rehearse", str(folder), "--start", "2026-03-03T19:50", "--finish-by", "20:30", "--seeds", "2"]
    run([*evening, "--lang", "en"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if line.split()[:1] in (["12"], ["24"])]
    assert rows
    assert all(row[1] == "–" for row in rows)


def test_a_finish_with_a_zone_of_its_own_is_that_instant(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for by in ("2026-03-03T12:00+00:00", "12:00+00:00", "20:00"):
        run(["rehearse", str(folder), "--finish-by", by, "--seeds", "1", "--json"])
        found = datetime.fromisoformat(json.loads(capsys.readouterr().out)["finish_by"])
        assert found == datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--finish-by", "late"], "neither a time of day"),
        (["--finish-by", "2026-03-01T10:00"], "before the day begins"),
        (["--finish-by", "18:00", "--what-if", "card=off"], "without --seed"),
        (["--finish-by", "18:00", "--faults", "all"], "without --seed"),
    ],
)
def test_a_finish_that_cannot_be_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert run(["rehearse", str(folder), *more, "--lang", "en"]) == 2
    assert said in capsys.readouterr().err

"""What is said to whom: the script of the campaign that called, or the announcement of each treatment."""

import pytest

from baitie.app.campaign.answering_plan import NODE_OF, AnnouncementError, AnsweringPlan, checked_announcements
from baitie.domain.inbound.decision import AnsweringPolicy, Treatment
from baitie.domain.voicebot.dialogue import Dialogue, EndCall, NoteRefusal, PlayPrompts
from baitie.domain.voicebot.script import Script, parse_script
from baitie.kernel.ids import CampaignId
from baitie.kernel.time import Instant

CARE = CampaignId("care")


def script(**changes: dict[str, object]) -> Script:
    """Announcements with a node for each treatment, and changes."""
    nodes: dict[str, dict[str, object]] = {name: {"prompts": [name]} for name in NODE_OF.values()}
    nodes["bye"] = {"prompts": ["bye"]}
    head = {"id": "a", "start": "greeting", "refused_node": "bye"}
    return parse_script({"script": head, "nodes": {**nodes, **{k.replace("_", "-"): v for k, v in changes.items()}}})


PLAN = AnsweringPlan(AnsweringPolicy(), script(), {CARE: script()}, frozenset())


@pytest.mark.parametrize("treatment", list(NODE_OF))
def test_each_treatment_begins_at_its_own_node(treatment: Treatment) -> None:
    said = Dialogue(PLAN.script_for(treatment, CARE)).start(Instant(0))
    assert said == [PlayPrompts(1, (treatment.value.replace("_", "-"),))]


def test_campaign_that_called_is_heard_from_its_start() -> None:
    assert PLAN.script_for(Treatment.SCRIPT, CARE) is PLAN.scripts[CARE]


def test_nobody_is_promised_to_be_left_alone_whose_number_is_not_known() -> None:
    known, hidden = (PLAN.script_for(Treatment.GREETING, None, knows_number=known) for known in (True, False))
    for one, is_noted in ((known, True), (hidden, False)):
        dialogue = Dialogue(one)
        dialogue.start(Instant(0))
        effects = dialogue.on_key("9", Instant(1))
        assert any(isinstance(effect, NoteRefusal) for effect in effects) is is_noted
        assert any(isinstance(effect, EndCall) for effect in effects) is not is_noted


@pytest.mark.parametrize(
    "wrong",
    [
        {"opted_out": {"prompts": ["o"], "next": "bye"}},
        {"opted_out": {"prompts": ["o"], "collects": "x", "keys": {"1": {"value": "y", "next": "bye"}}}},
    ],
)
def test_who_refused_may_be_asked_nothing(wrong: dict[str, dict[str, object]]) -> None:
    with pytest.raises(AnnouncementError, match="opted-out"):
        checked_announcements(script(**wrong), "answering.toml")


def test_missing_node_is_named() -> None:
    bare = parse_script({"script": {"id": "a", "start": "x"}, "nodes": {"x": {"prompts": ["x"]}}})
    with pytest.raises(AnnouncementError, match=r"needs \[nodes\.called-by"):
        checked_announcements(bare, "answering.toml")

"""What a campaign's card and script contain, as the rules about content are told."""

from dataclasses import replace

import pytest

from baitie.app.campaign.content import content_of
from baitie.domain.namecard.template import SlotSpec, SlotType
from baitie.domain.risk.standing import ContentElement
from baitie.domain.voicebot.script import KeyChoice, Node, Script
from baitie.files.card_files import read_library
from baitie.kernel.disclosure import Disclosure

TEMPLATE = replace(read_library().templates[0], disclosure=Disclosure.MATTER, slots={})
PITCH = Node("pitch", ("pitch",))
BYE = Node("bye", ("bye",))
YES = {"1": KeyChoice("yes", "pitch")}


def script(first: Node, refuse_key: str | None = "9") -> Script:
    return Script("s", "1", first.name, {node.name: node for node in (first, PITCH, BYE)}, refuse_key)


ASKING = Node("ask", ("may I",), next_node="bye", collects="may", keys=YES)


def test_a_card_that_declares_nothing_leaves_the_content_unknown() -> None:
    assert content_of(replace(TEMPLATE, disclosure=None), script(ASKING), is_recorded=True) is None
    assert content_of(None, script(ASKING), is_recorded=True) is None


def test_what_the_card_declares_is_what_the_rules_are_told() -> None:
    content = content_of(TEMPLATE, script(ASKING), is_recorded=False)
    assert content is not None
    assert content.disclosure is Disclosure.MATTER


@pytest.mark.parametrize(
    ("element", "first", "refuse_key", "slots", "is_recorded"),
    [
        (ContentElement.CONTACT, PITCH, None, {"link": SlotSpec("link", SlotType.LINK, 40)}, False),
        (ContentElement.REFUSAL_WAY, PITCH, "9", {}, False),
        (ContentElement.SPOKEN_CONSENT, ASKING, None, {}, False),
        (ContentElement.RECORDING, PITCH, None, {}, True),
    ],
)
def test_an_element_is_told_only_where_it_is_there(
    element: ContentElement, first: Node, refuse_key: str | None, slots: dict[str, SlotSpec], is_recorded: bool
) -> None:
    bare = content_of(TEMPLATE, script(PITCH, None), is_recorded=False)
    with_it = content_of(replace(TEMPLATE, slots=slots), script(first, refuse_key), is_recorded=is_recorded)
    assert bare is not None
    assert with_it is not None
    assert with_it.elements - bare.elements == {element}


def test_a_call_that_goes_on_after_silence_has_no_spoken_consent() -> None:
    goes_on = replace(ASKING, next_node="pitch-anyway")
    nodes = {
        "ask": goes_on,
        "pitch-anyway": replace(PITCH, name="pitch-anyway", next_node="bye"),
        "bye": BYE,
        "pitch": PITCH,
    }
    content = content_of(TEMPLATE, Script("s", "1", "ask", nodes), is_recorded=False)
    assert content is not None
    assert ContentElement.SPOKEN_CONSENT not in content.elements

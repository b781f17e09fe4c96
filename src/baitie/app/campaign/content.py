"""What card and script of a campaign disclose and contain, as the rules about content ask it."""

from baitie.domain.namecard.template import NameCardTemplate, SlotType
from baitie.domain.risk.standing import ContentElement, ContentFact
from baitie.domain.voicebot.script import Script

_REACHABLE = frozenset({SlotType.CODE, SlotType.LINK})


def content_of(template: NameCardTemplate | None, script: Script, *, is_recorded: bool) -> ContentFact | None:
    """The content fact of a campaign; None where its card does not declare how much it discloses.

    Every card names the enterprise in its sign, which the check of templates holds. A way to say no is a key of the
    script; a way to reach the caller is the code or link of the card's page. The call asks before it goes on where
    silence at the first question ends it.
    """
    if template is None or template.disclosure is None:
        return None
    contains = {
        ContentElement.IDENTITY: True,
        ContentElement.CONTACT: any(spec.type in _REACHABLE for spec in template.slots.values()),
        ContentElement.REFUSAL_WAY: script.refuse_key is not None,
        ContentElement.SPOKEN_CONSENT: script.asks_first,
        ContentElement.RECORDING: is_recorded,
    }
    return ContentFact(template.disclosure, frozenset(element for element, is_there in contains.items() if is_there))

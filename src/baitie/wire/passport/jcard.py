"""The caller's card as a jCard (RFC 7095), in the profile that RFC 9796 §5 gives to calls."""

from collections.abc import Mapping
from dataclasses import dataclass

from baitie.kernel.journal import JsonValue
from baitie.wire.passport.errors import PassportArgumentError

PROPERTIES_MAX = 40
TEXT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class CallerCard:
    """Caller's card (来电方名片): the enterprise as a handset may keep it. `logos` are addresses of square pictures
    whose names tell their size (`logo-256x256.png`); `telephone` is E.164. Every address in it needs a digest."""

    name: str
    organisation: str = ""
    telephone: str = ""
    logos: tuple[str, ...] = ()
    language: str = ""
    note: str = ""

    def to_json(self) -> list[JsonValue]:
        """The jCard. Raises `PassportArgumentError` for text that cannot stand in it."""
        lines: list[JsonValue] = [["version", {}, "text", "4.0"], ["fn", {}, "text", _clean(self.name, "name")]]
        if self.organisation:
            lines.append(["org", {}, "text", _clean(self.organisation, "organisation")])
        if self.telephone:
            parameters: Mapping[str, JsonValue] = {"type": ["work", "voice"]}
            lines.append(["tel", dict(parameters), "uri", f"tel:{_clean(self.telephone, 'telephone')}"])
        if self.language:
            lines.append(["lang", {}, "language-tag", _clean(self.language, "language")])
        for logo in self.logos:
            lines.append(["logo", {}, "uri", _address(logo)])
        if self.note:
            lines.append(["note", {}, "text", _clean(self.note, "note")])
        if len(lines) > PROPERTIES_MAX:
            raise PassportArgumentError("A card has too many lines.", lines=len(lines), lines_max=PROPERTIES_MAX)
        return ["vcard", lines]


def _clean(text: str, field: str) -> str:
    if not text or len(text) > TEXT_LENGTH_MAX or any(ord(mark) < 32 for mark in text):
        raise PassportArgumentError("A text of the card is empty, too long or holds a control character.", field=field)
    return text


def _address(uri: str) -> str:
    if not uri.startswith("https://"):
        raise PassportArgumentError("An address in a card must begin with https://.", uri=uri[:80])
    return _clean(uri, "address")

"""What is filed: brands, presented numbers, card templates and scripts, each addressed by the hash of its bytes."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from baitie.kernel.journal import JsonValue
from baitie.kernel.purpose import NumberClass, Purpose


class SubjectKind(StrEnum):
    """Kind (报备对象类别) of what is filed."""

    BRAND = "brand"
    NUMBER = "number"
    TEMPLATE = "template"
    SCRIPT = "script"


class RealNameTier(StrEnum):
    """Real-name tier (实名等级) of a brand: what was shown to prove that the sign is the enterprise's."""

    NONE = "none"
    DOCUMENTS = "documents"  # licence and letter of authority seen
    TRADEMARK = "trademark"  # the sign is a registered mark or app of the enterprise
    AUTHORITY = "authority"  # a public body, proved by its own document

    @property
    def is_verified(self) -> bool:
        """Whether the brand may stand on a card."""
        return self is not RealNameTier.NONE


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """Document (报备材料): what it is, and the SHA-256 of the file that was handed in."""

    kind: str  # licence, letter, trademark, identity, contract ...
    sha256: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class FiledSubject:
    """Filed subject (报备对象): `facts` are all that was declared, and `content_hash` is their address."""

    kind: SubjectKind
    name: str
    facts: Mapping[str, JsonValue]

    @property
    def content(self) -> bytes:
        """The canonical bytes: JSON with sorted keys and no white space, in UTF-8."""
        body = {"kind": self.kind.value, "name": self.name, "facts": dict(self.facts)}
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def content_hash(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def version(self) -> str | None:
        """Version of a template or script."""
        version = self.facts.get("version")
        return None if version is None else str(version)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words among the facts; empty where there is none."""
        found = self.facts.get(key)
        return tuple(str(word) for word in found) if isinstance(found, list) else ()


def brand(sign: str, enterprise: str, tier: RealNameTier, documents: Iterable[FiledDocument] = ()) -> FiledSubject:
    """A brand (品牌): the sign of an enterprise, how it was verified and by which documents."""
    shown: list[JsonValue] = [
        {"kind": each.kind, "sha256": each.sha256, "reference": each.reference} for each in documents
    ]
    return FiledSubject(SubjectKind.BRAND, sign, {"enterprise": enterprise, "tier": tier.value, "documents": shown})


def presented_number(e164: str, number_class: NumberClass, owner: str, purposes: Iterable[Purpose]) -> FiledSubject:
    """A presented number (外显号码): its class, who holds it, and what it may be used for."""
    facts: dict[str, JsonValue] = {
        "number_class": number_class.value,
        "owner": owner,
        "purposes": [purpose.value for purpose in sorted(set(purposes))],
    }
    return FiledSubject(SubjectKind.NUMBER, e164, facts)


def template(facts: Mapping[str, JsonValue]) -> FiledSubject:
    """A version of a card template, from what makes its bytes (`namecard.sent_facts`)."""
    return FiledSubject(SubjectKind.TEMPLATE, str(facts["template_id"]), facts)


def script(script_id: str, version: str, sha256: str) -> FiledSubject:
    """A version of a script (话术), by the hash of its file."""
    return FiledSubject(SubjectKind.SCRIPT, script_id, {"version": version, "sha256": sha256})

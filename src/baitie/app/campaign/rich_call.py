"""Rich call data on the INVITE (富呼叫): what a handset may show while it rings, signed in the instant of the call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from baitie.app.ports.signing import CardSigning
from baitie.domain.namecard.characters import LONG_DIGITS, amount_in, link_in
from baitie.domain.namecard.words import CardWords, Severity
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.wire.passport import (
    RCD,
    REASON_LENGTH_MAX,
    CallInfo,
    IdentityHeader,
    Passport,
    RichCallData,
    call_info_text,
    canonical_number,
    integrity_of,
)
from baitie.wire.passport.sip_headers import CALL_INFO, ICON, IDENTITY, JCARD, NOTHING_TO_FETCH


class ReasonFault(StrEnum):
    """Why a call reason may not be stated (来电事由问题)."""

    BEYOND_DISCLOSURE = "reason-beyond-disclosure"
    TOO_LONG = "reason-too-long"
    AMOUNT_OR_LINK = "reason-has-amount-or-link"
    WORD_FORBIDDEN = "reason-word-forbidden"


@dataclass(frozen=True, slots=True)
class RichCallPlan:
    """What the calls of a campaign state (富呼叫配置): the same for everybody, so that nothing of one person is in it.

    `digests` are of what the addresses in `rcd` give; `plan_rich_call` makes them.
    """

    rcd: RichCallData
    call_reason: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)

    def headers(
        self, signing: CardSigning, caller: PhoneNumber, callee: PhoneNumber, at: datetime
    ) -> tuple[tuple[str, str], ...]:
        """The headers of one INVITE: Identity with the signed token, and Call-Info for those who do not verify."""
        passport = Passport(
            ppt=RCD,
            x5u=signing.certificate_url,
            orig=canonical_number(caller.e164()),
            dest=(canonical_number(callee.e164()),),
            iat=int(at.timestamp()),
            rcd=self.rcd,
            rcdi=self.digests,
            crn=self.call_reason or None,
        )
        identity = IdentityHeader(passport.signed(signing.signer.sign), signing.certificate_url, RCD).to_text()
        info = self._call_info()
        return ((IDENTITY, identity), *(((CALL_INFO, call_info_text(info)),) if info else ()))

    def _call_info(self) -> tuple[CallInfo, ...]:
        reason = self.call_reason or None
        elements = []
        if self.rcd.jcl is not None:
            elements.append(CallInfo(self.rcd.jcl, JCARD, reason, self.digests.get("/jcl")))
        elif reason is not None:
            elements.append(CallInfo(NOTHING_TO_FETCH, JCARD, reason))
        if self.rcd.icn is not None:
            elements.append(CallInfo(self.rcd.icn, ICON))
        return tuple(elements)


def plan_rich_call(rcd: RichCallData, call_reason: str, contents: Mapping[str, bytes]) -> RichCallPlan:
    """The plan with the digests of `contents`, which has what each address gives. Raises `PassportArgumentError`."""
    digests = integrity_of(rcd, contents)
    return RichCallPlan(rcd, call_reason, {pointer: str(digest) for pointer, digest in digests.items()})


def reason_fault(reason: str, purpose: Purpose, most: Disclosure, words: CardWords) -> ReasonFault | None:
    """What speaks against a call reason: it stands on a lock screen and obeys what cards obey. `most` is how much a
    card of this purpose may disclose: where that is the identity, as in collection, there is no reason at all."""
    if not reason:
        return None
    if most is Disclosure.IDENTITY:
        return ReasonFault.BEYOND_DISCLOSURE
    if len(reason) > REASON_LENGTH_MAX:
        return ReasonFault.TOO_LONG
    if amount_in(reason) or link_in(reason) or LONG_DIGITS.search(reason):
        return ReasonFault.AMOUNT_OR_LINK
    if any(kind.severity is Severity.ERROR for kind, _ in words.found(reason, purpose)):
        return ReasonFault.WORD_FORBIDDEN
    return None

"""The kinds of rule that ask for a permission: consent, role, line, content, and shares that stay below a ceiling."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from baitie.domain.risk.checks import Building, Check, RuleKind, Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.plain_checks import NumberClassCheck
from baitie.domain.risk.standing import (
    CalleeRole,
    ConsentChannel,
    ConsentFact,
    ContentElement,
    LineClass,
    Scope,
    ShareFact,
    ShareOf,
)
from baitie.domain.risk.table_reader import ASK_AGAIN_MAX_S, TableReader
from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import NumberClass

CONSENT_DAYS_MAX = 3660
SHARE_DAYS_MAX = 366
DENOMINATOR_MAX = 10_000_000

TEN_THOUSAND = 10_000

_NEVER = datetime.max.replace(tzinfo=UTC)


class ConsentCheck:
    """Requires a consent of the callee for the purpose of the call (须经同意).

    A register without such a consent is silence, and silence is refusal. Without any register the rule goes by
    its fail direction. A consent ends when it is withdrawn, when it expires, and `days_max` after it was granted.
    """

    only_relaxes = False
    is_same_daily = False
    __slots__ = ("_accepts_spoken", "_channel", "_days_max", "_fail_closed", "_needs_evidence")

    def __init__(
        self,
        channel: ConsentChannel,
        days_max: int | None,
        needs_evidence: bool,
        accepts_spoken: bool,
        fail_closed: bool,
    ) -> None:
        self._channel = channel
        self._days_max = None if days_max is None else timedelta(days=days_max)
        self._needs_evidence = needs_evidence
        self._accepts_spoken = accepts_spoken
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        if facts.consents is None:
            return not self._fail_closed
        at, purpose, channel = moment.at, facts.purpose, self._channel
        for consent in facts.consents:
            if consent.purpose is not purpose or consent.channel is not channel:
                continue
            if consent.granted_at <= at < self._over_at(consent) and self._is_good(consent):
                return True
        return False

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        begins = [c.granted_at for c in self._suitable(facts) if c.granted_at < self._over_at(c)]
        return min((at for at in begins if at > moment.at), default=None)

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        said = {"purpose": facts.purpose.value, "consent_channel": self._channel.value}
        if facts.consents is None:
            return "consent-unknown", {**said}
        if self.holds(facts, moment):
            return "no-consent", {**said}
        past = [consent for consent in self._suitable(facts) if consent.granted_at <= moment.at]
        if not past:
            return "no-consent", {**said}
        last = max(past, key=self._over_at)
        return "consent-over", {**said, "over_on": _day(self._over_at(last), moment)}

    def _suitable(self, facts: CallFacts) -> Iterable[ConsentFact]:
        for consent in facts.consents or ():
            if consent.purpose is not facts.purpose or consent.channel is not self._channel:
                continue
            if self._is_good(consent):
                yield consent

    def _is_good(self, consent: ConsentFact) -> bool:
        has_evidence = consent.has_evidence or not self._needs_evidence
        return has_evidence and (not consent.is_spoken or self._accepts_spoken)

    def _over_at(self, consent: ConsentFact) -> datetime:
        ends = [at for at in (consent.withdrawn_at, consent.expires_at) if at is not None]
        if self._days_max is not None:
            ends.append(consent.granted_at + self._days_max)
        return min(ends) if ends else _NEVER


class RoleCheck:
    """Allows only callees who are certain things in the matter (身份限制). An unknown role: by its fail direction."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_allowed", "_fail_closed")

    def __init__(self, allowed: frozenset[CalleeRole], fail_closed: bool) -> None:
        self._allowed = allowed
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return not self._fail_closed if facts.callee_role is None else facts.callee_role in self._allowed

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if facts.callee_role is None:
            return "role-unknown", {}
        return "callee-role", {"callee_role": facts.callee_role.value}


class LineClassCheck:
    """Refuses to present numbers of some classes (外显号码类别限制). Unknown classes: by its fail direction."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_fail_closed", "_refused")

    def __init__(self, refused: frozenset[LineClass], fail_closed: bool) -> None:
        self._refused = refused
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return not self._fail_closed if facts.line_classes is None else self._refused.isdisjoint(facts.line_classes)

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        if facts.line_classes is None:
            return "line-class-unknown", {}
        shown = self._refused & facts.line_classes or facts.line_classes
        return "line-class", {"line_class": [*sorted(line.value for line in shown)]}


class ContentCheck:
    """Limits what card and script disclose and asks what they contain (内容要求). Unknown: by its fail direction."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_disclosed_max", "_fail_closed", "_must_include", "_too_much")

    def __init__(
        self, max_disclosure: Disclosure | None, must_include: frozenset[ContentElement], fail_closed: bool
    ) -> None:
        self._disclosed_max = max_disclosure
        too_much = [one for one in Disclosure if max_disclosure is not None and one.rank > max_disclosure.rank]
        self._too_much = frozenset(too_much)
        self._must_include = must_include
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        content = facts.content
        if content is None:
            return not self._fail_closed
        return content.disclosure not in self._too_much and self._must_include <= content.elements

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        content = facts.content
        if content is None:
            return "content-unknown", {}
        if self._disclosed_max is not None and (content.disclosure in self._too_much or not self._must_include):
            said = {"disclosure": content.disclosure.value, "max_disclosure": self._disclosed_max.value}
            return "disclosure", {**said}
        lacking = self._must_include - content.elements
        return "content-lacks", {"element": [*sorted(element.value for element in lacking or self._must_include)]}


class ShareCheck:
    """Stops where a share passes its ceiling (比率红线): complaints or abandoned calls, over some days.

    Below `denominator_min` the share is taken as if so many had been counted, so that the first event of a small
    campaign is not yet a share of one. When a share will fall cannot be known: with `ask_again_s` the delay is a
    time to ask again and no promise; without it the rule denies until somebody has acted. A share that is not
    known: by its fail direction.
    """

    only_relaxes = True
    is_same_daily = False
    __slots__ = ("_ask_again", "_fail_closed", "days", "denominator_min", "max_per_10000", "of", "per")

    def __init__(
        self,
        of: ShareOf,
        per: Scope,
        days: int,
        max_per_10000: int,
        denominator_min: int,
        ask_again_s: int | None,
        fail_closed: bool,
    ) -> None:
        self.of = of
        self.per = per
        self.days = days
        self.max_per_10000 = max_per_10000
        self.denominator_min = denominator_min
        self._ask_again = None if ask_again_s is None else timedelta(seconds=ask_again_s)
        self._fail_closed = fail_closed

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        # A later moment may have other figures, as far as can be known.
        if self._ask_again is not None and moment.at >= facts.civil_now + self._ask_again:
            return True
        is_known = False
        for share in facts.shares:
            if share.of is self.of and share.per is self.per and share.days == self.days:
                if self.is_passed_by(share):
                    return False
                is_known = True
        return is_known or not self._fail_closed

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None if self._ask_again is None else facts.civil_now + self._ask_again

    def asks_again(self, facts: CallFacts) -> bool:
        return self._ask_again is not None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        said = {"share_of": self.of.value, "per": self.per.value, "days": self.days}
        known = self._known(facts)
        if not known:
            return "share-unknown", {**said}
        share = max(known, key=lambda share: share.numerator / max(share.denominator, self.denominator_min))
        figures = {"numerator": share.numerator, "denominator": share.denominator, "max_per_10000": self.max_per_10000}
        return "share", {**said, **figures, "denominator_min": self.denominator_min}

    def _known(self, facts: CallFacts) -> list[ShareFact]:
        return [s for s in facts.shares if s.of is self.of and s.per is self.per and s.days == self.days]

    def is_passed_by(self, share: ShareFact) -> bool:
        """Whether this share is above the ceiling, if it is one that the rule looks at."""
        if (share.of, share.per, share.days) != (self.of, self.per, self.days):
            return False
        counted = max(share.denominator, self.denominator_min)
        return share.numerator * TEN_THOUSAND > self.max_per_10000 * counted


def _day(at: datetime, moment: Moment) -> str:
    return (at.astimezone(moment.zones[0]) if moment.zones else at).date().isoformat()


def _number_class(reader: TableReader, building: Building) -> Check:
    refused, lines = reader.words("refuse", NumberClass), reader.words("refuse_lines", LineClass)
    if refused is not None and lines is not None:
        raise reader.error("A rule refuses callees or lines, not both.", "refuse_lines", "Make two rules of it.")
    if lines is not None:
        return LineClassCheck(lines, building.is_closed)
    if refused is None:
        raise reader.error("This field is missing.", "refuse", f"Name some of: {', '.join(NumberClass)}.")
    return NumberClassCheck(refused)


def _consent_required(reader: TableReader, building: Building) -> Check:
    return ConsentCheck(
        channel=reader.choice("channel", ConsentChannel),
        days_max=reader.count_or_none("days_max", 1, CONSENT_DAYS_MAX),
        needs_evidence=reader.need("needs_evidence", bool),
        accepts_spoken=reader.need("accepts_spoken", bool),
        fail_closed=building.is_closed,
    )


def _role_allow(reader: TableReader, building: Building) -> Check:
    allowed = reader.words("allow", CalleeRole)
    if allowed is None:
        raise reader.error("This field is missing.", "allow", f"Name some of: {', '.join(CalleeRole)}.")
    return RoleCheck(allowed, building.is_closed)


def _content(reader: TableReader, building: Building) -> Check:
    max_disclosure = reader.choice_or_none("max_disclosure", Disclosure)
    must_include = reader.words("must_include", ContentElement) or frozenset()
    if max_disclosure is None and not must_include:
        raise reader.error("The rule asks for nothing.", "must_include", "Write max_disclosure or must_include.")
    return ContentCheck(max_disclosure, must_include, building.is_closed)


def _rate_ceiling(reader: TableReader, building: Building) -> Check:
    return ShareCheck(
        of=reader.choice("of", ShareOf),
        per=reader.choice("per", Scope),
        days=reader.count("days", 1, SHARE_DAYS_MAX),
        max_per_10000=reader.count("max_per_10000", 0, TEN_THOUSAND),
        denominator_min=reader.count("denominator_min", 1, DENOMINATOR_MAX),
        ask_again_s=reader.count_or_none("ask_again_s", 1, ASK_AGAIN_MAX_S),
        fail_closed=building.is_closed,
    )


KINDS: Mapping[str, RuleKind] = {
    "number_class": RuleKind(
        _number_class,
        {
            "number-class": frozenset({"number_class"}),
            "line-class": frozenset({"line_class"}),
            "line-class-unknown": frozenset(),
        },
    ),
    "consent_required": RuleKind(
        _consent_required,
        {
            "no-consent": frozenset({"purpose", "consent_channel"}),
            "consent-over": frozenset({"purpose", "consent_channel", "over_on"}),
            "consent-unknown": frozenset({"purpose", "consent_channel"}),
        },
    ),
    "role_allow": RuleKind(_role_allow, {"callee-role": frozenset({"callee_role"}), "role-unknown": frozenset()}),
    "content": RuleKind(
        _content,
        {
            "disclosure": frozenset({"disclosure", "max_disclosure"}),
            "content-lacks": frozenset({"element"}),
            "content-unknown": frozenset(),
        },
    ),
    "rate_ceiling": RuleKind(
        _rate_ceiling,
        {
            "share": frozenset(
                {"share_of", "per", "days", "numerator", "denominator", "denominator_min", "max_per_10000"}
            ),
            "share-unknown": frozenset({"share_of", "per", "days"}),
        },
    ),
}

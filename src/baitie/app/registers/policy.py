"""What the enterprise has settled about its registers: who may lift, how long, by which rules and calendars."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from baitie.app.campaign.campaign import PresentedNumber
from baitie.domain.contacts import NumberReading, RejectReason, read_number
from baitie.domain.review import SuspectWords
from baitie.domain.risk.rulebook import RuleBook
from baitie.domain.risk.workdays import OfficialCalendar
from baitie.kernel.errors import InputError
from baitie.kernel.phone import PhoneNumber


class NumberUnreadableError(InputError):
    """This is not a telephone number. Write it with + and country code, or as it is dialled in the default region."""

    code = "number-unreadable"


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """Number of the enterprise (自有号码): as campaigns present it, and what is known of it at the carriers."""

    shown: PresentedNumber
    certification: str | None = None
    display: str | None = None

    @property
    def number(self) -> PhoneNumber:
        """The number itself."""
        return self.shown.number


@dataclass(frozen=True, slots=True)
class RegisterPolicy:
    """Register policy (登记规则). Rules, calendars and words are read where an act asks for them, and not before."""

    region: str  # where numbers without a country code are dialled
    zone: tzinfo
    lifters: Sequence[str]
    complaint_freeze_days: int
    own_numbers: tuple[OwnNumber, ...]
    page_address: str
    code_valid_days: int
    rules: Callable[[], RuleBook]
    calendars: Callable[[], Mapping[str, OfficialCalendar]]
    suspect_words: Callable[[], SuspectWords]
    has_file: Callable[[str], bool] = lambda name: False  # whether a file that proves something is there
    campaigns: Mapping[str, str] = field(default_factory=dict)  # names by id, of campaigns that may not have run yet

    def reading(self, written: str) -> NumberReading:
        """The number as the organisation's region reads it. Raises `NumberUnreadableError`."""
        return number_read(written, self.region)

    def day_of(self, at: datetime) -> date:
        """The day on the enterprise's clock."""
        return at.astimezone(self.zone).date()

    def after_working_days(self, at: datetime, count: int) -> date:
        """The last of so many working days after a time."""
        calendar = self.calendars().get(self.region, OfficialCalendar(self.region, ()))
        return calendar.after_working_days(self.day_of(at), count).on


def number_read(written: str, region: str) -> NumberReading:
    """The number as it is dialled in a region. Raises `NumberUnreadableError`."""
    reading = read_number(written, region)
    if isinstance(reading, RejectReason):
        raise NumberUnreadableError(reason=reading.value)
    return reading


def of_one_person(reading: NumberReading) -> NumberReading:
    """What one person allows must not open the number to those behind its other extensions; a bar may close it.

    Raises `NumberUnreadableError` for a number with an extension.
    """
    if reading.extension:
        raise NumberUnreadableError(reason=RejectReason.EXTENSION_NOT_DIALLED.value)
    return reading

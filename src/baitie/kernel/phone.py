"""Phone numbers that mask themselves when printed."""

import re
from typing import final

from baitie.kernel.errors import InputError


class PhoneNumberError(InputError):
    """This is not a telephone number in E.164 form. Write it as + and 4 to 15 digits."""

    code = "number-invalid"


_CHINA = "86"
E164_DIGITS_MAX = 15
"""With the country code (ITU-T E.164 §6.2.1)."""

_SUBSCRIBER_DIGITS_MIN = {"86": 10, "852": 8, "853": 8, "886": 8, "1": 10}
"""How many digits follow the country code where a number is a person's at least; shorter ones are services. Where a
country is not named here, short numbers may be people's."""

_CHINA_LANDLINE = re.compile(r"(10|2\d|(?!400|800|95)[3-9]\d\d)(\d{7,8})")


@final
class PhoneNumber:
    """Telephone number (电话号码) in E.164 form. `str` and `repr` mask it; only `e164()` gives it whole."""

    __slots__ = ("_e164",)

    def __init__(self, e164: str) -> None:
        digits = e164[1:]
        if not (e164[:1] == "+" and digits.isascii() and digits.isdigit() and 4 <= len(digits) <= E164_DIGITS_MAX):
            raise PhoneNumberError()
        self._e164 = e164  # whole, so that all who ask share one text

    def e164(self) -> str:
        """The whole number with its plus sign. Personal data: never into logs or the journal."""
        return self._e164

    def masked(self) -> str:
        """The number with its middle hidden, as people may see it: `138****5678`, `0571****1234`.

        Four digits at least are hidden. Service numbers (10086, 110, 95588) are nobody's and are shown whole.
        """
        digits = self._e164[1:]
        for country_code, subscriber_digits_min in _SUBSCRIBER_DIGITS_MIN.items():
            if digits.startswith(country_code) and 0 < len(digits) - len(country_code) < subscriber_digits_min:
                return digits[len(country_code) :]
        if digits.startswith(_CHINA):
            return _china_masked(digits[len(_CHINA) :])
        if len(digits) < 8:
            return "*" * len(digits)
        return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PhoneNumber) and self._e164 == other._e164

    def __hash__(self) -> int:
        return hash(self._e164)

    def __lt__(self, other: "PhoneNumber") -> bool:
        return self._e164 < other._e164


def _china_masked(national: str) -> str:
    """A landline with its area code as it is dialled, and of seven digits the last three; others as mobiles."""
    landline = _CHINA_LANDLINE.fullmatch(national)
    if landline is None:
        return f"{national[:3]}{'*' * (len(national) - 7)}{national[-4:]}"
    return f"0{landline[1]}****{landline[2][4:]}"

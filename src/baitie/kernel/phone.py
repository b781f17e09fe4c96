"""Phone numbers that mask themselves when printed."""

from typing import final

from baitie.kernel.errors import InputError


class PhoneNumberError(InputError):
    """This is not a telephone number in E.164 form. Write it as + and 4 to 15 digits."""

    code = "number-invalid"


@final
class PhoneNumber:
    """Telephone number (电话号码) in E.164 form. `str` and `repr` mask it; only `e164()` gives it whole."""

    __slots__ = ("_digits",)

    def __init__(self, e164: str) -> None:
        digits = e164[1:]
        if not (e164[:1] == "+" and digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 15):
            raise PhoneNumberError()
        self._digits = digits

    def e164(self) -> str:
        """The whole number with its plus sign. Personal data: never into logs or the journal."""
        return "+" + self._digits

    def masked(self) -> str:
        """The number with its middle hidden, as people may see it: `138****5678`."""
        digits = self._digits
        if digits.startswith("86") and len(digits) == 13:
            digits = digits[2:]
        if len(digits) < 8:
            return "*" * len(digits)
        return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked()})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PhoneNumber) and self._digits == other._digits

    def __hash__(self) -> int:
        return hash(self._digits)

    def __lt__(self, other: "PhoneNumber") -> bool:
        return self._digits < other._digits

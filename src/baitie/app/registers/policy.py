"""TODO"""

from baitie.kernel.errors import InputError


class NumberUnreadableError(InputError):
    """This is not a telephone number. Write it with + and country code, or as it is dialled in the default region."""

    code = "number-unreadable"

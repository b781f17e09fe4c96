"""What the PASSporT package raises."""

from baitie.kernel.errors import InputError, WireError


class PassportError(WireError):
    """A token, an Identity or Call-Info header, or a jCard from outside cannot be read. Nothing in it was believed."""

    code = "passport-malformed"


class PassportArgumentError(InputError):
    """A value for a signed claim cannot stand there. Mend the value that the details name."""

    code = "passport-argument-invalid"

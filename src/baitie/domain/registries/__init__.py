"""What authorities keep: registries of refused calls, and the qualifications of the enterprise."""

from baitie.domain.registries.number_lines import (
    LINE_BYTES_MAX,
    NumberLines,
    RegistryFileError,
    RegistryFileFault,
    number_digits_untrusted,
)
from baitie.domain.registries.qualification import Qualification
from baitie.domain.registries.registry import DoNotCallRegistry

__all__ = [
    "LINE_BYTES_MAX",
    "DoNotCallRegistry",
    "NumberLines",
    "Qualification",
    "RegistryFileError",
    "RegistryFileFault",
    "number_digits_untrusted",
]

"""A figure that cannot be known, with the reason; never 0 in its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Undefined:
    """Not known (无法得知), because of `reason` (kebab-case code such as `no-attempts`)."""

    reason: str

    def __str__(self) -> str:
        return f"undefined ({self.reason})"

    def __bool__(self) -> bool:
        return False

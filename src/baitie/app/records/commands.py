"""Commands of operators to the running dialler."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CommandKind(StrEnum):
    """Operator's command (操作命令) to the running dialler, written into the store by another process."""

    STOP = "stop"  # let calls in progress end
    STOP_NOW = "stop_now"  # hang up


@dataclass(frozen=True, slots=True)
class Command:
    """Command (操作命令): who gave it and when. The actor is a name, unauthenticated until sign-in exists."""

    command_id: int
    kind: CommandKind
    actor: str
    at: datetime

"""Settings of the client machine, with units, bounds and reasons."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from baitie.kernel.time import Instant
from baitie.wire.smpp.constants import Command
from baitie.wire.smpp.message import Dialect
from baitie.wire.smpp.pdu import SmppFieldError
from baitie.wire.smpp.receipt import MessageIdForm

BIND_COMMANDS = (Command.BIND_TRANSCEIVER, Command.BIND_TRANSMITTER, Command.BIND_RECEIVER)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How we speak to one message centre (短信中心). Raises `SmppFieldError` for values that cannot work.

    `window_max`: submit_sm without answer at one time. `submits_per_s`: what the contract with the carrier
    allows; None sends as the window lets. After a throttling answer nothing is sent for
    `throttle_pause_first_s`, doubled with each further round of throttling up to `throttle_pause_max_s`,
    and the window is halved; each acceptance widens it by one and resets the pause. A message throttled
    `throttled_times_max` times is refused. `civil_at` is needed only where `uses_absolute_validity`.
    """

    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    bind_command: int = Command.BIND_TRANSCEIVER
    dialect: Dialect = field(default_factory=Dialect)
    message_id_form: MessageIdForm = MessageIdForm.SAME
    uses_absolute_validity: bool = False
    civil_at: Callable[[Instant], datetime] | None = None
    window_max: int = 32
    submits_per_s: float | None = None
    queue_max: int = 10_000
    bind_timeout_s: float = 10.0
    response_timeout_s: float = 10.0
    unbind_timeout_s: float = 3.0
    enquire_every_s: float = 30.0
    throttle_pause_first_s: float = 0.25
    throttle_pause_max_s: float = 8.0
    throttled_times_max: int = 20
    reconnect_first_s: float = 0.5
    reconnect_max_s: float = 30.0
    receipts_remembered_max: int = 200_000
    early_receipts_max: int = 1_024

    def __post_init__(self) -> None:
        for name, octets_max in (("system_id", 15), ("password", 8), ("system_type", 12)):
            value: str = getattr(self, name)
            if len(value) > octets_max or not value.isascii() or "\0" in value:
                raise SmppFieldError(field=name, octets_max=octets_max)
        if self.bind_command not in BIND_COMMANDS:
            raise SmppFieldError(field="bind_command")
        if self.uses_absolute_validity and self.civil_at is None:
            raise SmppFieldError(field="civil_at")
        if self.window_max < 1 or self.queue_max < 1 or (self.submits_per_s is not None and self.submits_per_s <= 0):
            raise SmppFieldError(field="window_max, queue_max or submits_per_s")

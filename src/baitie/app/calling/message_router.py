"""Several message gateways behind one port: each message goes over the one that it names."""

from collections.abc import Callable
from dataclasses import dataclass, field

from baitie.app.ports.messages import MessageEvent, MessageGateway, OutgoingMessage


@dataclass(slots=True)
class MessageRouter:
    """Message router (短信路由): the message centre, and vendors by name. Fulfils `MessageGateway`.

    A message for a vendor that is not among them is a mistake of ours, and ends the run.
    """

    centre: MessageGateway
    vendors: dict[str, MessageGateway] = field(default_factory=dict)

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        """Name the one listener of all events."""
        for gateway in self._all():
            gateway.listen(on_event)

    async def start(self) -> None:
        """Start all; where one cannot, those that run already are closed."""
        running: list[MessageGateway] = []
        try:
            for gateway in self._all():
                await gateway.start()
                running.append(gateway)
        except BaseException:
            for gateway in running:
                await gateway.close()
            raise

    async def close(self) -> None:
        """Close all, whatever happens to one of them."""
        problem: BaseException | None = None
        for gateway in self._all():
            try:
                await gateway.close()
            except Exception as error:
                problem = error
        if problem is not None:
            raise problem

    def submit(self, message: OutgoingMessage) -> None:
        """Hand the message to its gateway."""
        gateway = self.centre if message.vendor is None else self.vendors[message.vendor]
        gateway.submit(message)

    def _all(self) -> tuple[MessageGateway, ...]:
        return (self.centre, *self.vendors.values())

"""The loopback vendor: the same simulated people behind a vendor's HTTP interface."""

from collections.abc import Callable

from baitie.adapters.vendor_http.vendor_server import VendorMessage, VendorPolicy, VendorRuling, VendorServer
from baitie.app.ports.clock import Clock
from baitie.kernel.time import Instant
from baitie.rehearsal.people import MessageFate, MessagePlan
from baitie.rehearsal.population import Population

VENDOR_KEY = "loopback"
"""Key of the account at the loopback vendor; it listens on this machine only."""


def loopback_vendor(population: Population, clock: Clock, note: Callable[[dict[str, object]], None]) -> VendorServer:
    """The vendor of these people, not started yet."""

    def show(message: VendorMessage) -> None:
        note({"kind": "shown", "to": message.to_e164})
        population.show_card(message.to_e164, clock.now())

    return VendorServer(VENDOR_KEY, clock, vendor_policy(population, note), show)


def vendor_policy(population: Population, note: Callable[[dict[str, object]], None]) -> VendorPolicy:
    """The policy of a vendor that carries to these people."""

    def rule(message: VendorMessage, now: Instant) -> VendorRuling:
        plan = population.on_message(message.to_e164)
        note({"kind": "vendor", "to": message.to_e164, "fate": plan.fate.value, "flash": message.is_flash})
        return ruling_of(plan)

    return rule


def ruling_of(plan: MessagePlan) -> VendorRuling:
    """What a vendor does with a message that meets this."""
    match plan.fate:
        case MessageFate.REFUSED:
            return VendorRuling("vendor-refused", plan.latency_s)
        case MessageFate.THROTTLED:
            return VendorRuling("throttled", plan.latency_s)
        case MessageFate.UNDELIVERED:
            return VendorRuling("ok", plan.latency_s, "undeliverable", plan.receipt_after_s, 1, "001")
        case MessageFate.NO_RECEIPT:
            state = "delivered" if plan.arrives else "undeliverable"
            return VendorRuling("ok", plan.latency_s, state, plan.receipt_after_s, 0)
        case MessageFate.DELIVERED:
            return VendorRuling("ok", plan.latency_s, "delivered", plan.receipt_after_s, 2 if plan.is_doubled else 1)

"""The embedded call gateway: our SIP endpoint and our media process behind one port."""

from baitie.adapters.calls.gateway import EmbeddedCallGateway
from baitie.adapters.calls.trunk import TrunkError, TrunkRoute

__all__ = ["EmbeddedCallGateway", "TrunkError", "TrunkRoute"]

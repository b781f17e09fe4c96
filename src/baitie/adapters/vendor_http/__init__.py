"""Messages over a vendor's HTTP interface: the gateway, and the vendor's side for loopback and tests."""

from baitie.adapters.vendor_http.gateway import VendorAccount, VendorGateway

__all__ = ["VendorAccount", "VendorGateway"]

"""Messages over a vendor's HTTP interface: the gateway, and the vendor's side for loopback and tests."""

"""SMPP 3.4 without I/O: units and bytes, receipts, the client machine and the message centre machine."""

# Independent peers of the interop tests (SIPp, Asterisk, baresip, Kannel ...). Idempotent; what cannot be had is named, its tests are skipped.
.PHONY: peers
peers:
	@python3 tools/peers.py

"""SMPP over TCP and TLS: the message gateway, and a message centre for rehearsal and tests."""

"""Consent: what a callee has said yes and no to, and how that is read."""

"""Calling: one campaign's run, from its first lead to its last outcome."""

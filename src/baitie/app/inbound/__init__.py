"""Calls that come to us: answered with the script of the campaign that called, or with an announcement."""

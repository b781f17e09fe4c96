"""Benchmarks: `python -m benchmarks.NAME [--json]` prints figures with their targets and, where there is one, a peer."""

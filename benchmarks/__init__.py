"""Benchmarks: `python -m benchmarks.NAME [--json]` prints figures with targets and, where there is one, a peer."""

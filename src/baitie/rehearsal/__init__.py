"""Rehearsal (彩排): virtual time, simulated people, and the loopback carrier that shows them to the real chain."""

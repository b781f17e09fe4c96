"""Use cases: they collect facts, ask the pure core, and carry its effects out through ports. They own no rules."""

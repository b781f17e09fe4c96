"""The gate: facts of a call gathered, and the rules asked about them."""

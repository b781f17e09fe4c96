"""Fast fidelity: gateways that ask the population what happens, without bytes. For virtual time."""

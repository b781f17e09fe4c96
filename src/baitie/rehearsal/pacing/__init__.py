"""Agents, attempts and answers as bare events, without gateways or leads: thousands of days for pacing alone."""

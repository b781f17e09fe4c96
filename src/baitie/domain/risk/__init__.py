"""Whom not to call (风控): facts about a callee, rules as data, and verdicts that explain themselves."""

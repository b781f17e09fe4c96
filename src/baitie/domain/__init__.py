"""Decisions, one folder per capability. Pure; siblings never import each other."""

"""Bytes to objects and protocol machines (报文层): pure, time is an argument."""

"""Calls that come to us (呼入): whom the caller wants back, what is said, and the machine of such a call."""

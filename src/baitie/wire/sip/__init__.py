"""SIP user agent (SIP 用户代理), RFC 3261, both sides, without I/O: bytes and time in, effects out."""

"""The loopback carrier (模拟线路): simulated people behind real SIP, RTP and SMPP on 127.0.0.1.

It demonstrates and tests the chain. It proves nothing about people.
"""

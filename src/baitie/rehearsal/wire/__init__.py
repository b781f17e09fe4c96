"""Wire fidelity (逐字节演练): real SIP, RTP and SMPP bytes over a network that exists in virtual time only."""

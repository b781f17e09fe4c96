"""The registers: what callees, complainants and operators enter, and who may change it."""

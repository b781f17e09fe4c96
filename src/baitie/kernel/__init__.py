"""Shared values: ids, phone numbers, time, outcomes, reasons, errors. Pure: no I/O, clock or chance."""

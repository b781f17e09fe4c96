"""Campaigns with human agents (坐席外呼): who takes an answered call, and what happens where nobody does."""

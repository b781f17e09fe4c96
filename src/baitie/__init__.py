"""Baitie (拜帖): outbound calls that people are willing to answer."""

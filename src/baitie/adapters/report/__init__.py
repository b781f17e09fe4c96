"""The report of a campaign: one HTML file with its own pictures, and the same as JSON."""

from baitie.adapters.report.data import AdviceLine, Figure, FreezeLine, ReportData, RuleText, RunNote
from baitie.adapters.report.page import render_html, render_json

__all__ = ["AdviceLine", "Figure", "FreezeLine", "ReportData", "RuleText", "RunNote", "render_html", "render_json"]

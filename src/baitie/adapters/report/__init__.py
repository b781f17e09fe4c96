"""The report of a campaign: one HTML file with its own pictures, and the same as JSON."""

from baitie.adapters.report.data import Figure, ReportData, RuleText, RunNote
from baitie.adapters.report.page import render_html, render_json

__all__ = ["Figure", "ReportData", "RuleText", "RunNote", "render_html", "render_json"]

"""The report of a campaign: one HTML file with its own pictures, and the same as JSON."""

from baitie.adapters.report.data import ReportData, RunNote
from baitie.adapters.report.page import render_html, render_json

__all__ = ["ReportData", "RunNote", "render_html", "render_json"]

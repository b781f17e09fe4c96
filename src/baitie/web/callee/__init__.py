"""The callee's page (被叫查验页): public, without scripts, for whoever holds a card's code."""

from baitie.web.callee.settings import PageSettings, Picture
from baitie.web.callee.site import CalleeSite

__all__ = ["CalleeSite", "PageSettings", "Picture"]

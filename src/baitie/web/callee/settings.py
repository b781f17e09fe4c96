"""How the callee's page is set up, and the texts that it speaks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Protocol

LANGUAGES = ("zh", "zh-HK", "en")
HTML_LANGUAGES = {"zh": "zh-CN", "zh-HK": "zh-HK", "en": "en"}


class Texts(Protocol):
    """Texts of one language by dotted key, with their places filled."""

    def text(self, key: str, /, **values: Any) -> str: ...
    def text_or(self, key: str, fallback: str, /, **values: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the enterprise (企业图片): bytes that were read and checked once."""

    name: str  # as in its address
    media_type: str
    content: bytes = field(repr=False)
    caption: str = ""


@dataclass(frozen=True)
class PageSettings:
    """Settings of the page (查验页设置)."""

    enterprise: str
    address: str  # public, with scheme and with a slash at its end
    zone: tzinfo
    zone_name: str
    form_key: bytes = field(repr=False)
    hotline: str | None = None
    website: str | None = None
    logo: Picture | None = None
    pictures: tuple[Picture, ...] = ()
    requests_per_s: float = 500.0
    requests_per_address_per_s: float = 5.0
    burst_per_address: int = 40
    answer_after_s: float = 0.02
    requests_at_once_max: int = 512  # beyond so many in progress the answer is 503 at once
    texts: Mapping[str, Texts] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the page speaks: those it has texts of."""
        return tuple(lang for lang in LANGUAGES if lang in self.texts)

    @property
    def hotline_dialled(self) -> str:
        """The hotline as a link dials it (RFC 3966): digits, and a plus sign where it has one."""
        return re.sub(r"[^0-9+*#]", "", self.hotline or "")

    @property
    def prefix(self) -> str:
        """The path under which the page stands, without a slash at its end."""
        rest = self.address.partition("://")[2]
        return "/" + path.strip("/") if (path := rest.partition("/")[2].strip("/")) else ""

    def picture(self, name: str) -> Picture | None:
        """The picture of this name."""
        return next((each for each in (self.logo, *self.pictures) if each is not None and each.name == name), None)

"""Pictures of the enterprise for the callee's page: read once, by what their bytes say they are, and bounded."""

from pathlib import Path

from baitie.files.organisation_settings import ORGANISATION_FILE, PageFileSettings
from baitie.files.problems import Problem, SettingsError
from baitie.web.callee import Picture

PICTURE_OCTETS_MAX = 512 * 1024
"""A telephone on a slow network has it in a few seconds."""


def media_type_untrusted(content: bytes) -> str | None:
    """PNG, JPEG or WebP by the first bytes; None for anything else, SVG with its scripts among it."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def read_pictures(settings: PageFileSettings) -> tuple[Picture | None, tuple[Picture, ...]]:
    """The logo and the other pictures. Raises `SettingsError` for what cannot be shown."""
    logo = None if settings.logo is None else _read(settings.logo, "logo", "page.logo")
    others = [_read(file, str(place), "page.pictures") for place, file in enumerate(settings.pictures, 1)]
    return logo, tuple(others)


def _read(file: Path, name: str, setting: str) -> Picture:
    try:
        with file.open("rb") as stream:
            content = stream.read(PICTURE_OCTETS_MAX + 1)
    except OSError as error:
        details = {"reason": error.strerror or "?"}
        raise SettingsError([Problem(ORGANISATION_FILE, setting, "file-unreadable", None, details)]) from error
    media_type = media_type_untrusted(content)
    if len(content) > PICTURE_OCTETS_MAX or media_type is None:
        said: dict[str, str | int] = {"path": file.name, "octets_max": PICTURE_OCTETS_MAX}
        raise SettingsError([Problem(ORGANISATION_FILE, setting, "picture-unusable", None, said)])
    return Picture(f"{name}.{media_type.partition('/')[2]}", media_type, content)

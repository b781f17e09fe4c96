"""Profiles of simulated people: the shipped ones by name, others by file."""

from pathlib import Path

from baitie.files.toml_files import read_toml
from baitie.rehearsal.profile import Profile, parse_profile

PROFILES = Path(__file__).parents[1] / "rehearsal" / "profiles"


DEFAULT_PROFILE = PROFILES / "cn-callback.toml"


def profile_file(setting: Path | None) -> Path:
    """The profile that a setting means: a file, or a shipped one by its name, such as `us-collections`."""
    if setting is None:
        return DEFAULT_PROFILE
    shipped = PROFILES / f"{setting.name}.toml"
    return shipped if not setting.suffix and not setting.exists() and shipped.is_file() else setting


def read_profile(file: Path) -> Profile:
    """A profile of simulated people. Raises `SettingsError` or `ProfileError`."""
    table, _ = read_toml(file)
    return parse_profile(table, file.name)

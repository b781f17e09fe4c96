"""The process's surroundings, read in one place: environment, real time, the operator's name."""

import getpass
import os
from collections.abc import Mapping
from datetime import UTC, datetime


def environment() -> Mapping[str, str]:
    """The environment variables."""
    return os.environ


def real_now() -> datetime:
    """Real civil time, aware, in UTC."""
    return datetime.now(UTC)


def actor_name(environ: Mapping[str, str]) -> str:
    """Who acts, unauthenticated: BAITIE_ACTOR, else the name of the account."""
    named = environ.get("BAITIE_ACTOR")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"

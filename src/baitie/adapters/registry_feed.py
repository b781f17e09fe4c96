"""Fetches a registry of refused calls over https, piece by piece; nothing but https, and no more than a bound."""

import urllib.error
import urllib.request
from collections.abc import Generator
from urllib.parse import urlsplit

from baitie.kernel.errors import InputError

FEED_BYTES_MAX = 2 * 1024**3
"""Ten million numbers of some twenty octets are a tenth of this."""

PIECE_BYTES = 1 << 20
ANSWER_WAIT_S = 60.0


class RegistryFeedError(InputError):
    """The registry could not be fetched. Look at the address; only https is used, and 2 GiB at most are read."""

    code = "registry-feed"
    retryable = True


def https_pieces(address: str) -> Generator[bytes, None, None]:
    """The body of the answer. Raises `RegistryFeedError`."""
    if urlsplit(address).scheme != "https":
        raise RegistryFeedError(address=address)
    request = urllib.request.Request(address, headers={"Accept": "text/plain, text/csv"})
    octets = 0
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WAIT_S) as answer:
            while piece := answer.read(PIECE_BYTES):
                octets += len(piece)
                if octets > FEED_BYTES_MAX:
                    raise RegistryFeedError(address=address, octets_max=FEED_BYTES_MAX)
                yield piece
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise RegistryFeedError(address=address, cause=error) from error

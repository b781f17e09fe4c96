"""What can go wrong with media outside of a single datagram."""

from baitie.kernel.errors import BaitieError, WireError


class MediaError(BaitieError):
    """Media for a call could not be set up. Look at the details; free ports or open files may be used up."""

    code = "media-unavailable"
    retryable = True


class MediaProcessError(MediaError):
    """The media process is not there or does not answer. Its calls have ended; start it again before placing more."""

    code = "media-process-gone"


class MediaOverloadedError(MediaError):
    """The media process does not keep up with its orders. Place fewer calls at a time on this machine."""

    code = "media-overloaded"


class MediaProtocolError(WireError):
    """A message between the platform and its media process is malformed. Both must be of the same version."""

    code = "media-protocol"

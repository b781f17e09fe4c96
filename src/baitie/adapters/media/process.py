"""The media plane as a process of its own: this side of the socket."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import baitie
from baitie.adapters.media.engine import EngineFigures
from baitie.adapters.media.errors import MediaError, MediaOverloadedError, MediaProcessError, MediaProtocolError
from baitie.adapters.media.messages import (
    AskFigures,
    Close,
    Closed,
    Connect,
    Done,
    Figures,
    FrameReader,
    LoadPrompts,
    Message,
    Open,
    Opened,
    Play,
    Refused,
    SendKeys,
    StopPlaying,
    frame,
)
from baitie.adapters.media.plane import tell
from baitie.wire.g711.prompts import PromptError
from baitie.wire.rtp import (
    KeyPressed,
    MediaEvent,
    MediaFailed,
    MediaLost,
    MediaStarted,
    MediaSummary,
    PlayFinished,
    RecordingFailed,
)
from baitie.wire.sdp import MediaAgreement

ANSWER_WITHIN_S = 10.0  # an order with an answer; closing waits for the disk
STOP_WITHIN_S = 10.0
UNSENT_BYTES_MAX = 1024 * 1024
_EVENTS = (KeyPressed, PlayFinished, MediaStarted, MediaLost, RecordingFailed, MediaFailed)
_Answer = TypeVar("_Answer", Done, Opened, Closed, Figures)


class MediaProcess(asyncio.Protocol):
    """Media plane in a child process (媒体进程). Fulfils `MediaPlane`.

    When the process dies, every open call gets a `MediaFailed`, waiting orders raise MediaProcessError, and `start`
    may be called again. When this side dies, the child sees the end of its socket, completes the recordings and ends.
    """

    def __init__(self, address: str = "127.0.0.1", ports: range | None = None) -> None:
        self._address = address
        self._ports = ports
        self._on_event: Callable[[MediaEvent], None] = lambda event: None
        self._transport: asyncio.Transport | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._reader = FrameReader()
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._request = 0
        self._calls: set[str] = set()
        self._opening: set[str] = set()  # of the calls: those whose `open` has not ended yet
        self._prompts: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Whether orders can be given."""
        return self._transport is not None

    @property
    def pid(self) -> int | None:
        """The process id of the child."""
        return None if self._child is None else self._child.pid

    def listen(self, on_event: Callable[[MediaEvent], None]) -> None:
        """Where events go. Set before `start`."""
        self._on_event = on_event

    async def start(self) -> None:
        """Start the child and wait until it answers. Raises MediaProcessError."""
        await self.stop()  # what a dead child has left
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = self._spawn(theirs)
        self._reader = FrameReader()
        self._prompts.clear()
        await loop.create_connection(lambda: self, sock=ours)
        await self.take_figures()

    def _spawn(self, orders: socket.socket) -> "subprocess.Popen[bytes]":
        bounds = [] if self._ports is None else [str(self._ports.start), str(self._ports.stop)]
        command = [sys.executable, "-m", "baitie.adapters.media.child", str(orders.fileno()), self._address, *bounds]
        paths = [str(Path(baitie.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        return subprocess.Popen(command, pass_fds=(orders.fileno(),), env=environment)

    async def stop(self) -> None:
        """Let the child close all calls and end; after `STOP_WITHIN_S` it is killed."""
        child, self._child = self._child, None
        self._calls.clear()
        if self._transport is not None:
            self._transport.close()
        if child is not None:
            await asyncio.get_running_loop().run_in_executor(None, _reap, child)

    async def load_prompts(self, prompts: Mapping[str, Path]) -> None:
        """Read prompt files under names, once. Raises PromptError, MediaProcessError."""
        names = {name: _absolute(path) for name, path in prompts.items()}
        await self._ask(lambda request: LoadPrompts(request, names), Done)
        self._prompts |= names.keys()

    async def open(self, call_key: str, recording: Path | None = None) -> int:
        """Take ports for a call and give the RTP port. Raises MediaError."""
        path = None if recording is None else _absolute(recording)
        if call_key in self._calls:
            raise MediaError("This call is open already.", call_key=call_key)
        self._calls.add(call_key)  # before the answer: an event may come along with it
        self._opening.add(call_key)
        try:
            return (await self._ask(lambda request: Open(request, call_key, path), Opened)).port
        except BaseException:
            self._calls.discard(call_key)
            with suppress(MediaError):
                self._send(Close(0, call_key))  # the answer may have come too late, or nobody waits for it any more
            raise
        finally:
            self._opening.discard(call_key)

    def connect(self, call_key: str, agreement: MediaAgreement) -> None:
        """Send and receive as agreed; again after a re-INVITE."""
        self._order(call_key, Connect(call_key, agreement))

    def play(self, call_key: str, play_id: int, prompts: Sequence[str]) -> None:
        """Queue loaded prompts. Raises PromptError for an unknown name."""
        for name in prompts:
            if name not in self._prompts:
                raise PromptError("No prompt of this name was loaded; add its file to the campaign.", prompt=name)
        self._order(call_key, Play(call_key, play_id, list(prompts)))

    def stop_playing(self, call_key: str) -> None:
        """Be silent at once; what was queued is reported as stopped."""
        self._order(call_key, StopPlaying(call_key))

    def send_keys(self, call_key: str, keys: str) -> None:
        """Press keys towards the peer, as telephone events."""
        self._order(call_key, SendKeys(call_key, keys))

    async def close(self, call_key: str) -> MediaSummary | None:
        """End the call's media. None: not open, or its figures died with the process."""
        if call_key not in self._calls:
            return None
        self._calls.discard(call_key)
        try:
            closed = await self._ask(lambda request: Close(request, call_key), Closed)
        except MediaProcessError:
            return None
        return closed.summary

    async def take_figures(self) -> EngineFigures:
        """How the child has done since the last asking. Raises MediaProcessError."""
        return (await self._ask(AskFigures, Figures)).figures

    # --- the socket ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: connected."""
        self._transport = transport  # type: ignore[assignment]  # uvloop's transports are not asyncio.Transport

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes of the child."""
        try:
            for message in self._reader.feed_untrusted(data):
                self._take(message)
        except MediaProtocolError:
            if self._transport is not None:
                self._transport.abort()
            raise

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the child is gone, or we let go of it."""
        self._transport = None
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            if not answer.done():
                answer.set_exception(MediaProcessError())
        calls, self._calls = self._calls, set()
        for call_key in sorted(calls - self._opening):
            tell(self._on_event, MediaFailed(call_key, "media-process-died"))

    def _take(self, message: Message) -> None:
        if isinstance(message, _EVENTS):
            if message.call_key in self._calls:
                tell(self._on_event, message)
            return
        answer = self._waiting.pop(getattr(message, "request", -1), None)
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _order(self, call_key: str, message: Message) -> None:
        if call_key in self._calls:
            self._send(message)

    def _send(self, message: Message) -> None:
        transport = self._transport
        if transport is None:
            raise MediaProcessError()
        if transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            raise MediaOverloadedError()
        transport.write(frame(message))

    async def _ask(self, order: Callable[[int], Message], kind: type[_Answer]) -> _Answer:
        self._request += 1
        request = self._request
        answer = self._waiting[request] = asyncio.get_running_loop().create_future()
        try:
            self._send(order(request))
            message = await asyncio.wait_for(answer, ANSWER_WITHIN_S)
        except TimeoutError as error:
            raise MediaProcessError("The media process does not answer.", within_s=ANSWER_WITHIN_S) from error
        finally:
            self._waiting.pop(request, None)
        if isinstance(message, Refused):
            raise (PromptError if message.code == PromptError.code else MediaError)(message.message)
        if not isinstance(message, kind):
            raise MediaProtocolError("The media process gave another answer than asked for.")
        return message


def _absolute(path: Path) -> str:
    return str(path.absolute())  # the child's working directory is nobody's business


def _reap(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()

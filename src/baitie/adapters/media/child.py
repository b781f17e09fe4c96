"""The media process: a `MediaEngine` that takes its orders from a socket, and ends when that socket does.

Started by `MediaProcess` as `python -m baitie.adapters.media.child FD ADDRESS [FIRST_PORT END_PORT]`.
"""

import asyncio
import gc
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from baitie.adapters.media.engine import MediaEngine
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
from baitie.kernel.errors import BaitieError
from baitie.kernel.foreign_text import shown
from baitie.wire.g711.prompts import PromptError
from baitie.wire.rtp import PlayFinished

_NICENESS = -10  # audio is due every 20 ms, everything else may wait a little
UNREAD_BYTES_MAX = 4 * 1024 * 1024  # a parent that leaves so much unread does not run its calls any more


class MediaServer(asyncio.Protocol):
    """Carries orders to the engine, and its events back."""

    def __init__(self, engine: MediaEngine) -> None:
        self._engine = engine
        self._reader = FrameReader()
        self._tasks: set[asyncio.Task[None]] = set()
        self.ended = asyncio.Event()
        engine.listen(self._send)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # uvloop has classes of its own

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._reader.feed_untrusted(data):
                self._obey(message)
        except BaitieError as error:
            sys.stderr.write(f"media process: {shown(str(error))}\n")
            self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()

    def _send(self, message: Message) -> None:
        if self.ended.is_set():
            return
        self._transport.write(frame(message))
        if self._transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
            self.ended.set()

    def _obey(self, message: Message) -> None:
        engine = self._engine
        match message:
            case Connect():
                engine.connect(message.call_key, message.agreement)
            case Play():
                self._play(message)
            case StopPlaying():
                engine.stop_playing(message.call_key)
            case SendKeys():
                engine.send_keys(message.call_key, message.keys)
            case Open() | Close() | LoadPrompts() | AskFigures():
                task = asyncio.ensure_future(self._answer(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case _:
                sys.stderr.write(f"media process: {type(message).__name__} is no order\n")

    def _play(self, order: Play) -> None:
        try:
            self._engine.play(order.call_key, order.play_id, order.prompts)
        except PromptError:  # one call's wrong name must not end the others
            self._send(PlayFinished(order.call_key, order.play_id, was_stopped=True))

    async def _answer(self, message: Open | Close | LoadPrompts | AskFigures) -> None:
        engine, request = self._engine, message.request
        try:
            match message:
                case Open():
                    recording = None if message.recording is None else Path(message.recording)
                    self._send(Opened(request, await engine.open(message.call_key, recording)))
                case Close():
                    self._send(Closed(request, await engine.close(message.call_key)))
                case LoadPrompts():
                    await engine.load_prompts({name: Path(path) for name, path in message.prompts.items()})
                    self._send(Done(request))
                case AskFigures():
                    self._send(Figures(request, engine.take_figures()))
        except BaitieError as error:
            self._send(Refused(request, error.code, str(error)))


async def serve(orders: socket.socket, engine: MediaEngine) -> None:
    """Serve until the other end closes; then complete the recordings."""
    loop = asyncio.get_running_loop()
    await engine.start()
    server = MediaServer(engine)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, server.ended.set)
    transport, _ = await loop.create_connection(lambda: server, sock=orders)
    # What exists now lives as long as the process: the collector need not walk it in the middle of a tick.
    gc.collect()
    gc.freeze()
    await server.ended.wait()
    await engine.stop()
    transport.close()


def main(arguments: list[str]) -> None:
    """Run the media process on the inherited socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends calls in good order
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # a call takes three: two sockets and its recording
    with suppress(OSError):  # only some accounts may; without it a busy machine is heard in the audio
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    fd, address, *bounds = arguments
    ports = range(int(bounds[0]), int(bounds[1])) if bounds else None
    orders = socket.socket(fileno=int(fd))
    engine = MediaEngine(address, ports)
    try:
        import uvloop
    except ImportError:  # not on every platform; asyncio's own loop carries about two thirds of the calls
        asyncio.run(serve(orders, engine))
    else:
        uvloop.run(serve(orders, engine))


if __name__ == "__main__":
    main(sys.argv[1:])

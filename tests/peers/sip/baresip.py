"""baresip as peer: headless, a sine as microphone, steered over its control socket."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.peers.peers import Program, free_port, require, until

MODULES = next(
    (path for path in (Path("/usr/lib/baresip/modules"), Path("/usr/local/lib/baresip/modules")) if path.is_dir()),
    Path("/usr/lib/baresip/modules"),
)
REPLY_WITHIN_S = 5.0
USER = "bare"


class Baresip:
    """One baresip on a free port of 127.0.0.1; `answers` tells whether it answers by itself."""

    def __init__(self, folder: Path, *, answers: bool = True) -> None:
        binary = require("baresip")
        self.folder = folder / "baresip"
        self.folder.mkdir(parents=True)
        self.port = _free_port_of_both_kinds()
        self.control_port = free_port(socket.SOCK_STREAM)
        first_rtp_port = 40000 + (self.port % 100) * 100
        (self.folder / "config").write_text(f"""poll_method poll
sip_listen 127.0.0.1:{self.port}
net_interface 127.0.0.1
call_local_timeout 60
call_max_calls 8
audio_player aubridge,sink
audio_source ausine,440
audio_alert aubridge,sink
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
rtp_ports {first_rtp_port}-{first_rtp_port + 98}
rtp_stats yes
module_path {MODULES}
module g711.so
module ausine.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{self.control_port}
""")
        mode = "auto" if answers else "manual"
        (self.folder / "accounts").write_text(f"<sip:{USER}@127.0.0.1>;regint=0;answermode={mode};audio_codecs=PCMA\n")
        # stdbuf: into a file it would write only every 4 KiB.
        command = ["stdbuf", "-oL", binary, "-f", str(self.folder), "-v", "-s"]
        self.program = Program(command, self.folder, name="baresip")

    def __enter__(self) -> Baresip:
        self.program.__enter__()
        self.program.wait_until_written("baresip is ready", 10.0)
        self.program.wait_until_bound(self.control_port, socket.SOCK_STREAM)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.stop()

    @property
    def output(self) -> str:
        """All it has written, each SIP message included, without colours."""
        return re.sub(r"\x1b?\[[0-9;]*m", "", self.program.output)

    def has_written(self, pattern: str) -> bool:
        return re.search(pattern, self.output) is not None

    def command(self, command: str, parameters: str = "") -> None:
        """Give a command of its menu (`dial`, `hangup`, `accept`) and wait until it says it took it."""
        message = json.dumps({"command": command, "params": parameters, "token": "test"}).encode()
        with socket.create_connection(("127.0.0.1", self.control_port), REPLY_WITHIN_S) as control:
            control.sendall(b"%d:%s," % (len(message), message))
            received = bytearray()

            def answered() -> bool:
                received.extend(control.recv(65536))
                return b'"response":true' in received

            until(answered, REPLY_WITHIN_S, f"baresip answers {command}")


def _free_port_of_both_kinds() -> int:
    """baresip binds one port for UDP and TCP, and the next one for TLS."""

    def candidate() -> int:
        port = free_port()
        return port if all(_can_bind(socket.SOCK_STREAM, port + step) for step in (0, 1)) else 0

    find: Callable[[], int] = candidate
    return until(find, REPLY_WITHIN_S, "a port free for UDP and TCP")


def _can_bind(kind: socket.SocketKind, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

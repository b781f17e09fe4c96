"""Kamailio as an authenticating proxy before another peer: it asks with 407, and passes on what it knows."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from types import TracebackType

from tests.peers.peers import Program, free_port, require

MODULES = next(Path("/usr/lib").glob("*/kamailio/modules"), Path("/usr/lib/kamailio/modules"))
START_WITHIN_S = 20.0
REALM = "edge"

CONFIGURATION = """#!KAMAILIO
debug=2
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
loadmodule "xlog.so"
modparam("auth", "algorithm", "{algorithm}")
modparam("auth", "nonce_expire", {nonce_life_s})
{nonce_counts}

request_route {{
    if (is_method("CANCEL")) {{
        if (t_check_trans()) {{ t_relay(); }}
        exit;
    }}
    if (is_method("ACK") && $hdr(Proxy-Authorization) != $null) {{
        xlog("L_NOTICE", "EDGE sees credentials in ACK\\n");
    }}
    if (!is_method("ACK") && $sp != {behind_port}) {{
        if (!pv_proxy_authenticate("{realm}", "{password}", "0")) {{
            xlog("L_NOTICE", "EDGE asks $rm\\n");
            proxy_challenge("{realm}", "1");
            exit;
        }}
        xlog("L_NOTICE", "EDGE knows $au for $rm\\n");
        consume_credentials();
    }}
    if (has_totag()) {{
        if (!loose_route() && !(is_method("ACK") && t_check_trans())) {{
            if (!is_method("ACK")) {{ sl_send_reply("404", "Not here"); }}
            exit;
        }}
        t_relay();
        exit;
    }}
    if (!is_method("REGISTER")) {{ record_route(); }}
    $du = "sip:127.0.0.1:{behind_port}";
    t_relay();
}}
"""


class Kamailio:
    """One Kamailio on a free port of 127.0.0.1, UDP and TCP; what it lets pass goes to `behind_port` by UDP.

    `algorithm` is that of its challenges; `asks_each_time`: a nonce serves one request only.
    """

    def __init__(
        self, folder: Path, behind_port: int, password: str, *, algorithm: str = "SHA-256", asks_each_time: bool = False
    ) -> None:
        self.port = free_port()
        counts = 'modparam("auth", "one_time_nonce", 1)\nmodparam("auth", "nid_pool_no", 1)' if asks_each_time else ""
        configuration = folder / "kamailio.cfg"
        configuration.write_text(
            CONFIGURATION.format(
                port=self.port,
                modules=MODULES,
                algorithm="" if algorithm == "MD5" else algorithm,
                nonce_life_s=60,
                nonce_counts=counts,
                behind_port=behind_port,
                realm=REALM,
                password=password,
            )
        )
        files = ["-f", str(configuration), "-Y", str(folder), "-P", str(folder / "kamailio.pid")]
        command = [require("kamailio"), *files, "-DD", "-E", "-m", "32", "-M", "4"]
        self.program = Program(command, folder, name="kamailio")

    def __enter__(self) -> Kamailio:
        self.program.__enter__()
        self.program.wait_until_bound(self.port, socket.SOCK_DGRAM, START_WITHIN_S)
        self.program.wait_until_bound(self.port, socket.SOCK_STREAM, START_WITHIN_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.stop()

    def asked(self, method: str) -> int:
        """How often it has challenged this method."""
        return len(re.findall(rf"EDGE asks {method}\b", self.program.output))

    def knew(self, method: str) -> list[str]:
        """Whom it has let pass with this method."""
        return re.findall(rf"EDGE knows (\S+) for {method}\b", self.program.output)

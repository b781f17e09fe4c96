"""Asterisk 22 as peer: unpacked by `make peers`, configured into a temporary folder, without root."""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
from pathlib import Path
from types import TracebackType

from tests.peers.peers import PEERS, Program, free_port, until

ROOT = PEERS / "asterisk/root"
LIBRARIES = ROOT / "usr/lib/x86_64-linux-gnu"
START_WITHIN_S = 30.0
COMMAND_WITHIN_S = 10.0
REALM = "asterisk"
PASSWORD = "correct horse"

MODULES = """
res_pjproject res_sorcery_astdb res_sorcery_config res_sorcery_memory res_timing_timerfd res_rtp_multicast
res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_sdp_rtp
res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_anonymous
res_pjsip_registrar res_pjsip_caller_id res_pjsip_nat res_pjsip_rfc3326 res_pjsip_logger res_pjsip_dlg_options
res_rtp_asterisk chan_pjsip codec_ulaw codec_alaw format_pcm pbx_config bridge_simple
res_clioriginate app_echo app_verbose app_senddtmf app_read app_playback func_channel func_callerid
"""

ARI_USER = "dialler"
ARI_MODULES = """
res_http_websocket res_websocket_client res_stasis res_stasis_answer res_stasis_recording
res_stasis_playback res_stasis_snoop res_ari_model res_ari
res_ari_applications res_ari_asterisk res_ari_channels res_ari_events app_stasis
"""

# Extensions a caller may dial. Each says in the log what Asterisk saw, which is what the tests assert.
DIALPLAN = """
[from-trunk]
exten => answer,1,Ringing()
 same => n,Answer()
 same => n,Verbose(0,PEER answered ${CALLERID(num)} secure=${CHANNEL(pjsip,secure)})
 same => n,Echo()
exten => keys,1,Answer()
 same => n,Read(pressed,,3,,1,15)
 same => n,Verbose(0,PEER heard ${pressed})
 same => n,SendDTMF(59#,100,100)
 same => n,Wait(20)
exten => info-keys,1,Answer()
 same => n,Wait(0.2)
 same => n,SendDTMF(9*9#D,100,100)
 same => n,Wait(20)
exten => hang-up,1,Answer()
 same => n,Verbose(0,PEER answered ${CALLERID(num)} secure=${CHANNEL(pjsip,secure)})
 same => n,Wait(0.3)
 same => n,Hangup(16)
exten => ring,1,Ringing()
 same => n,Verbose(0,PEER rings)
 same => n,Wait(30)
exten => early,1,Progress()
 same => n,SendDTMF(7,100,100)
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Echo()
exten => busy,1,Hangup(17)
exten => reject,1,Hangup(21)
exten => unallocated,1,Hangup(1)
exten => congestion,1,Hangup(34)
exten => h,1,Verbose(0,PEER hung up)

[outgoing]
exten => talk,1,Verbose(0,PEER was answered)
 same => n,Echo()
exten => hang-up,1,Verbose(0,PEER was answered)
 same => n,Wait(0.3)
 same => n,Hangup(16)
exten => h,1,Verbose(0,PEER hung up)
"""


def _ha1(username: str, algorithm: str) -> str:
    hasher = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]
    return hasher(f"{username}:{REALM}:{PASSWORD}".encode()).hexdigest()


def _endpoint(name: str, algorithm: str | None = None, *, call_us_at: str | None = None, extra: str = "") -> str:
    auth = f"auth={name}\n" if algorithm else ""
    text = f"""
[{name}]
type=endpoint
context=from-trunk
disallow=all
allow=alaw,ulaw
direct_media=no
media_address=127.0.0.1
bind_rtp_to_media_address=yes
aors={name}
{auth}{extra}
[{name}]
type=aor
max_contacts=2
minimum_expiration=1
default_expiration=60
support_path=no
"""
    if call_us_at:
        text += f"contact={call_us_at}\n"
    if algorithm:
        text += f"""
[{name}]
type=auth
auth_type=digest
username={name}
realm={REALM}
password_digest={algorithm}:{_ha1(name, algorithm)}
supported_algorithms_uas={algorithm}
supported_algorithms_uac={algorithm}
"""
    return text


class Asterisk:
    """One Asterisk with a UDP, a TCP and, when given a certificate, a TLS transport on free ports of 127.0.0.1.

    Endpoints are told apart by the user of the From header: `plain` (no password), `info` (its keys come by SIP INFO),
    `md5` and `sha256` (password PASSWORD), and `us`, which calls the address given.
    """

    def __init__(
        self,
        folder: Path,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
        call_us_at: str | None = None,
        with_ari: bool = False,
        logs_messages: bool = True,
    ) -> None:
        self.folder = folder
        self.ari_port = free_port(socket.SOCK_STREAM) if with_ari else None
        self._logs_messages = logs_messages
        self.udp_port = free_port()
        self.tcp_port = free_port(socket.SOCK_STREAM)
        self.tls_port = free_port(socket.SOCK_STREAM)
        self.log_path = folder / "log/full"
        self._configure(certificate, key, call_us_at)
        self.command = [
            str(ROOT / "usr/lib64/ld-linux-x86-64.so.2"),
            "--library-path",
            str(LIBRARIES),
            str(ROOT / "usr/sbin/asterisk"),
            "-C",
            str(folder / "asterisk.conf"),
        ]
        self.program = Program([*self.command, "-f"], folder, name="asterisk")

    def _configure(self, certificate: Path | None, key: Path | None, call_us_at: str | None) -> None:
        for name in ("run", "log/cdr-csv", "spool/recording", "db", "keys", "var"):
            (self.folder / name).mkdir(parents=True)
        # A load needs many ports at once; tests a few each, so that two Asterisks do not meet.
        first_rtp_port, last_rtp_port = 16384, 32766
        if not self.ari_port:
            first_rtp_port = 20000 + (self.udp_port % 200) * 100
            last_rtp_port = first_rtp_port + 98
        files = {
            "asterisk.conf": f"""[directories]
astetcdir => {self.folder}
astmoddir => {LIBRARIES}/asterisk/modules
astvarlibdir => {self.folder}/var
astdatadir => {ROOT}/usr/share/asterisk
astdbdir => {self.folder}/db
astkeydir => {self.folder}/keys
astspooldir => {self.folder}/spool
astrundir => {self.folder}/run
astlogdir => {self.folder}/log
""",
            "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in self._modules()),
            "logger.conf": f"[general]\ndateformat=%F %T.%3q\n[logfiles]\nfull => {self._logged_levels()}\n",
            "cli.conf": "[startup_commands]\npjsip set logger on = yes\n" if self._logs_messages else "",
            "http.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={self.ari_port}\n"
            if self.ari_port
            else "",
            "ari.conf": f"[general]\nenabled=yes\n[{ARI_USER}]\ntype=user\nread_only=no\npassword={ARI_USER}\n",
            "extensions.conf": DIALPLAN,
            # Files that Asterisk logs an error to be without.
            **dict.fromkeys(("ccss.conf", "cdr.conf", "cel.conf", "features.conf"), "[general]\n"),
            **dict.fromkeys(("indications.conf", "pjproject.conf", "udptl.conf"), "[general]\n"),
            "rtp.conf": f"[general]\nrtpstart={first_rtp_port}\nrtpend={last_rtp_port}\nicesupport=no\n",
            "pjsip.conf": self._pjsip(certificate, key, call_us_at),
        }
        for name, text in files.items():
            (self.folder / name).write_text(text)

    def _modules(self) -> list[str]:
        return MODULES.split() + (ARI_MODULES.split() if self.ari_port else [])

    def _logged_levels(self) -> str:
        return "notice,warning,error,verbose(5)" if self._logs_messages else "notice,warning,error,verbose(1)"

    def _pjsip(self, certificate: Path | None, key: Path | None, call_us_at: str | None) -> str:
        tls = ""
        if certificate is not None:
            tls = f"""
[tls]
type=transport
protocol=tls
bind=127.0.0.1:{self.tls_port}
cert_file={certificate}
priv_key_file={key}
method=tlsv1_2
"""
        return f"""[global]
type=global
user_agent=Asterisk peer
default_realm={REALM}
endpoint_identifier_order=username,ip,anonymous
[udp]
type=transport
protocol=udp
bind=127.0.0.1:{self.udp_port}
[tcp]
type=transport
protocol=tcp
bind=127.0.0.1:{self.tcp_port}
{tls}
{_endpoint("plain")}
{_endpoint("info", extra="dtmf_mode=info")}
{_endpoint("md5", "MD5")}
{_endpoint("sha256", "SHA-256")}
{_endpoint("us", call_us_at=call_us_at, extra="rtp_symmetric=yes")}
{_endpoint("timed", extra="timers=always" + chr(10) + "timers_sess_expires=90")}
{_endpoint("prack", extra="100rel=required")}
"""

    def __enter__(self) -> Asterisk:
        self.program.__enter__()
        self.program.wait_until_bound(self.udp_port, socket.SOCK_DGRAM, START_WITHIN_S)
        until(lambda: "Asterisk Ready" in self.log, START_WITHIN_S, "Asterisk is ready")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.stop()

    @property
    def log(self) -> str:
        """Everything Asterisk has logged, each SIP message it sent or received included."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else self.program.output

    def has_logged(self, pattern: str) -> bool:
        return re.search(pattern, self.log) is not None

    def received(self, first_line_pattern: str) -> int:
        """How many SIP messages it received whose first line begins so."""
        pattern = rf"<--- Received SIP (?:request|response) [^\n]*\n{first_line_pattern}"
        return len(re.findall(pattern, self.log))

    def run(self, command: str) -> str:
        """Give one command to the running Asterisk's console."""
        done = subprocess.run(
            [*self.command, "-rx", command],
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_S,
            check=False,
            cwd=self.folder,
        )
        return done.stdout

    @property
    def channels(self) -> int:
        """Channels that are up in Asterisk now."""
        found = re.search(r"(\d+) active channel", self.run("core show channels count"))
        assert found is not None, "Asterisk did not tell its channels"
        return int(found[1])

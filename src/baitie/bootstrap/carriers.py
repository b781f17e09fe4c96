"""The ways to carriers, as the settings say: trunks and message centre, or the loopback carrier of this machine."""

import asyncio
import contextlib
import json
import socket
import ssl
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from baitie.adapters.calls import TrunkRoute
from baitie.adapters.smpp.gateway import Endpoint
from baitie.bootstrap.loopback_process import ADDRESS, LoopbackOrder
from baitie.bootstrap.loopback_proof import LoopbackForeignError, prove_loopback
from baitie.files.campaign_folder import LOOPBACK_TRUNK, CampaignFolder, trunk_of
from baitie.files.organisation_settings import MessageCentreSettings, TrunkSettings, secret_of
from baitie.files.profile_files import profile_file
from baitie.files.prompt_files import prompt_length_s
from baitie.kernel.errors import BaitieError
from baitie.rehearsal.loopback.carrier import CENTRE_ACCOUNT
from baitie.wire.g711 import Codec
from baitie.wire.sip.auth import Credentials
from baitie.wire.sip.digest import DigestFloor
from baitie.wire.sip.effects import Flow
from baitie.wire.smpp.message import Dialect
from baitie.wire.smpp.settings import ClientSettings

LOOPBACK_START_S = 20.0
LOOPBACK_STOP_S = 5.0
CARRIER_LOG = "carrier.jsonl"


class LoopbackError(BaitieError):
    """The loopback carrier did not start; its last words are shown. Try it alone with
    `python -m baitie.bootstrap.loopback_process`."""

    code = "loopback-unavailable"


@dataclass(frozen=True, slots=True)
class Carrier:
    """Where calls and messages go, ready to be used (运营商)."""

    routes: Mapping[str, TrunkRoute]
    local_host: str  # SIP and RTP are bound here
    local_port: int
    rtp_ports: range | None
    centre: Endpoint
    account: ClientSettings
    ca_file: Path | None = None
    process: Process | None = None
    loopback_vendor_port: int | None = None  # where vendors are simulated

    def begin(self) -> None:
        """Let the civil time of the loopback carrier run, where there is one that waits for it."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.write(b"begin\n")

    async def close(self) -> None:
        """End the loopback carrier, where there is one."""
        if self.process is None:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), LOOPBACK_STOP_S)
            return
        self.process.kill()
        await self.process.wait()


async def open_carrier(folder: CampaignFolder, civil_start: str, segments: Mapping[str, str]) -> Carrier:
    """The carrier of this campaign; starts the loopback carrier where that is meant. Raises LoopbackError."""
    organisation, settings = folder.organisation.settings, folder.settings.settings
    if organisation.carrier.kind == "trunks":
        name, trunk = trunk_of(settings, organisation)
        return _trunk_carrier(name, trunk, organisation.message_centre)
    if settings.loopback.attach_file is not None:
        told = _attach_file_of(settings.loopback.attach_file)
        return _loopback_carrier(await prove_loopback(ADDRESS, told), None)
    loopback = settings.loopback
    order = LoopbackOrder(
        seed=loopback.seed,
        civil_start=civil_start,
        civil_speed=loopback.civil_speed,
        profile=str(profile_file(loopback.profile)),
        segments=dict(segments),
        log=str(folder.folder / CARRIER_LOG),
        waits_for_begin=True,
        script=str(settings.script.file),
        prompt_s={name: prompt_length_s(file) for name, file in folder.prompts.items()},
    )
    process, ports = await start_loopback(order)
    return _loopback_carrier(ports, process)


def _attach_file_of(file: Path) -> Mapping[str, Any]:
    """What a loopback carrier that runs already printed of itself. Raises `LoopbackForeignError`."""
    try:
        told = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LoopbackForeignError(file=file.name, cause=type(error).__name__) from error
    if not isinstance(told, dict):
        raise LoopbackForeignError(file=file.name, cause="no JSON object")
    return told


async def start_loopback(order: LoopbackOrder) -> tuple[Process, dict[str, int]]:
    """Start the loopback carrier's process; gives it and its ports. It ends when its standard input is closed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "baitie.bootstrap.loopback_process", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write((json.dumps(asdict(order)) + "\n").encode())
    try:
        line = await asyncio.wait_for(process.stdout.readline(), LOOPBACK_START_S)
        return process, json.loads(line)
    except (TimeoutError, ValueError):
        process.kill()
        said = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
        raise LoopbackError(cause=said[-1] if said else "no answer") from None


def _loopback_carrier(ports: Mapping[str, int], process: Process | None) -> Carrier:
    system_id, password = CENTRE_ACCOUNT
    flow = Flow("UDP", ADDRESS, ports["sip_port"])
    return Carrier(
        routes={LOOPBACK_TRUNK: TrunkRoute(LOOPBACK_TRUNK, flow, ADDRESS)},
        local_host=ADDRESS,
        local_port=0,
        rtp_ports=None,
        centre=Endpoint(ADDRESS, ports["smpp_port"]),
        account=ClientSettings(system_id, password),
        process=process,
        loopback_vendor_port=ports.get("vendor_port"),
    )


def _trunk_carrier(name: str, trunk: TrunkSettings, centre: MessageCentreSettings) -> Carrier:
    flow = Flow(trunk.transport.upper(), trunk.host, trunk.port_or_default())
    password = secret_of(trunk.password, trunk.password_file)
    floor = DigestFloor(trunk.weakest_digest)
    credentials = None if trunk.username is None else Credentials(trunk.username, password or "", floor)
    addresses = _addresses_of(trunk.host)
    route = TrunkRoute(
        name=name,
        flow=flow,
        domain=trunk.host,
        credentials=credentials,
        registers=trunk.registers,
        session_expires_s=trunk.session_expires_s,
        codecs=tuple(Codec[codec] for codec in trunk.codecs),
        keep_alive_s=25.0,
        inbound_hosts=_written_plainly(trunk.answers_from) or addresses,
        addresses=addresses,
    )
    account = ClientSettings(
        system_id=centre.system_id,
        password=secret_of(centre.password, centre.password_file) or "",
        dialect=Dialect(gsm7_flash_data_coding=centre.gsm7_flash_octet()),
        window_max=centre.window_max,
        submits_per_s=centre.submits_per_s,
        enquire_every_s=centre.enquire_link_s,
        response_timeout_s=centre.response_timeout_s,
    )
    local_host = trunk.local_host if trunk.local_host != "0.0.0.0" else _address_towards(flow)
    return Carrier(
        routes={name: route},
        local_host=local_host,
        local_port=trunk.local_port,
        rtp_ports=range(trunk.rtp_port_min, trunk.rtp_port_max + 1),
        centre=Endpoint(centre.host, centre.port, _tls_of(centre)),
        account=account,
        ca_file=trunk.ca_file,
    )


def _tls_of(centre: MessageCentreSettings) -> ssl.SSLContext | None:
    """Encryption with the host verified, where the settings want it. A file of authorities is checked beforehand."""
    return ssl.create_default_context(cafile=centre.ca_file) if centre.uses_tls else None


def _addresses_of(host: str) -> frozenset[str]:
    """The IP addresses of a host: where its calls come from. Unknown names have none; dialling tells of those."""
    try:
        return frozenset(str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM))
    except OSError:
        return frozenset()


def _written_plainly(hosts: list[str]) -> frozenset[str]:
    """IP addresses as sockets write them; what is none stays as it is, and fits nobody."""
    plain = set()
    for host in hosts:
        try:
            plain.add(str(ip_address(host.strip("[]"))))
        except ValueError:
            plain.add(host)
    return frozenset(plain)


def _address_towards(flow: Flow) -> str:
    """The address of this machine that the trunk sees: the one the system would send from. No packet leaves."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((flow.host, flow.port))
            return str(probe.getsockname()[0])
    except OSError:
        return "0.0.0.0"

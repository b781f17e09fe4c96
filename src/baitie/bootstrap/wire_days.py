"""Wire fidelity put together: our own SIP, media and SMPP on both sides of a simulated network, in virtual time.

The dialler's side is what `baitie run` uses; the carrier's is the loopback carrier. In a real run each side has its
media in a process of its own; here both media engines run in the one loop, and the orders to them are calls.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from baitie.adapters.calls import EmbeddedCallGateway, TrunkRoute
from baitie.adapters.media.engine import MediaEngine
from baitie.adapters.sip.endpoint import SipEndpoint
from baitie.adapters.sip.settings import EndpointSettings
from baitie.adapters.smpp.centre_server import SmppCentreServer
from baitie.adapters.smpp.gateway import Endpoint, SmppGateway
from baitie.bootstrap.loopback_process import SOUNDS
from baitie.kernel.ids import AttemptId
from baitie.rehearsal.agents import silence_borne
from baitie.rehearsal.fidelity import Fidelity, FidelityName, Outside, Setting
from baitie.rehearsal.loopback.carrier import CENTRE_ACCOUNT, LoopbackCarrier, Note
from baitie.rehearsal.loopback.handset import HELLO, MAILBOX
from baitie.rehearsal.rehearse import FAST
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.wire.agents_line import CarrierLine
from baitie.rehearsal.wire.loop import NetworkedLoop
from baitie.rehearsal.wire.modelled_media import ModelledMedia
from baitie.rehearsal.wire.network import SimulatedNetwork
from baitie.wire.sip.effects import Event, Flow
from baitie.wire.smpp.centre import CentreSettings
from baitie.wire.smpp.settings import ClientSettings

DIALLER, CARRIER = "192.0.2.1", "198.51.100.1"
"""The two hosts; addresses for documentation (RFC 5737), so that nobody can be reached by mistake."""

SIP_PORT, SMPP_PORT = 5060, 2775
PROMPTS_OF_HANDSETS = {name: SOUNDS / f"{name}.pcma" for name in (HELLO, MAILBOX)}


class UnrecordedEngine(MediaEngine):
    """Media engine (不录音的媒体引擎) of a rehearsal: it records nothing, and tells when something is played."""

    def __init__(self, host: str, rng: random.Random, loop: NetworkedLoop) -> None:
        super().__init__(host, None, rng, loop.time, loop.network)
        self.on_play: Callable[[str], None] = lambda call_key: None

    async def open(self, call_key: str, recording: Path | None = None) -> int:
        """As the engine, without the recording."""
        return await super().open(call_key, None)

    def play(self, call_key: str, play_id: int, prompts: Sequence[str]) -> None:
        """As the engine."""
        super().play(call_key, play_id, prompts)
        self.on_play(call_key)


def fidelity_of(name: FidelityName, prompts: Mapping[str, Path]) -> Fidelity:
    """The fidelity of this name, for a campaign with these prompts."""
    return FAST if name is FidelityName.FAST else WireFidelity(prompts, name is FidelityName.AUDIO)


@dataclass(slots=True)
class WireFidelity:
    """Wire fidelity (逐字节精度). `prompts` are the campaign's, by name; `carries_audio` sends every RTP packet.

    `note` hears what the carrier saw; `network` is that of the newest life, with its counts.
    """

    prompts: Mapping[str, Path]
    carries_audio: bool = False
    note: Note = field(default=lambda what: None)
    network: SimulatedNetwork | None = None

    def make_loop(self, scenario: Scenario, seed: int, life: int, start_s: float) -> NetworkedLoop:
        """Virtual time with a network, as the profile describes it."""
        loop = NetworkedLoop(start_s, scenario.profile.network, random.Random(f"{seed}/{life}/network"))
        self.network = loop.network
        return loop

    async def open(self, setting: Setting) -> Outside:
        """Both sides, connected."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, NetworkedLoop), "wire fidelity runs on the loop that it made"
        return await _WireDay(self, setting, loop).open()


class _WireDay:
    """What stands on both sides in one life of the dialler."""

    def __init__(self, fidelity: WireFidelity, setting: Setting, loop: NetworkedLoop) -> None:
        self._fidelity, self._setting, self._loop = fidelity, setting, loop
        self._planes: dict[str, ModelledMedia] = {}

    async def open(self) -> Outside:
        """Open the carrier, then the dialler's gateways towards it."""
        setting = self._setting
        carrier, close_carrier = await self._open_carrier()
        line = CarrierLine(carrier)
        calls = self._calls(line)
        system_id, password = CENTRE_ACCOUNT
        messages = SmppGateway(Endpoint(CARRIER, SMPP_PORT), ClientSettings(system_id, password), setting.clock)
        await calls.start()
        await messages.start()

        async def close() -> None:
            await messages.close()
            await calls.close()
            await close_carrier()

        return Outside(calls, calls.answering, messages, line, close)

    async def _open_carrier(self) -> tuple[LoopbackCarrier, Callable[[], Awaitable[None]]]:
        setting = self._setting
        media = self._media(CARRIER, "carrier-media")
        carrier = LoopbackCarrier(
            population=setting.population,
            clock=setting.clock,
            media=media,
            address=CARRIER,
            hour_of_week=setting.hour_of_week,
            note=self._fidelity.note,
        )
        if setting.scenario.campaign.agents is not None:
            borne_s = silence_borne(setting.scenario.profile.agents, setting.seed)
            carrier.silence_borne_s = lambda attempt: borne_s(AttemptId(attempt))
        endpoint = carrier.exchange = self._endpoint(CARRIER, "carrier-sip", carrier.on_sip)
        centre = SmppCentreServer(
            CentreSettings(accounts=dict([CENTRE_ACCOUNT])), setting.clock, carrier.rule, carrier.on_message_fate
        )
        carrier.write = partial(centre.originate, CENTRE_ACCOUNT[0])
        await media.start()
        await media.load_prompts(PROMPTS_OF_HANDSETS)
        await endpoint.start()
        await centre.start(CARRIER, SMPP_PORT)

        async def close() -> None:
            await centre.close()
            await endpoint.close()
            await media.stop()

        return carrier, close

    def _calls(self, line: CarrierLine) -> EmbeddedCallGateway:
        trunk = self._setting.scenario.campaign.trunk.name
        media = self._media(DIALLER, "dialler-media")
        media.on_play = line.hear
        return EmbeddedCallGateway(
            make_endpoint=partial(self._endpoint, DIALLER, "dialler-sip"),
            media=media,
            media_address=DIALLER,
            routes={trunk: TrunkRoute(trunk, Flow("UDP", CARRIER, SIP_PORT), CARRIER)},
            prompts=self._fidelity.prompts if self._fidelity.carries_audio else {},
        )

    def _endpoint(self, host: str, of: str, listener: Callable[[Event], None]) -> SipEndpoint:
        settings = EndpointSettings(bind_host=host, udp_port=SIP_PORT, answer_to_source=host == DIALLER)
        return SipEndpoint(settings, self._rng(of), listener, datagrams=self._loop.network)

    def _media(self, host: str, of: str) -> UnrecordedEngine | ModelledMedia:
        if self._fidelity.carries_audio:
            return UnrecordedEngine(host, self._rng(of), self._loop)
        scenario = self._setting.scenario
        lengths = {**dict.fromkeys(PROMPTS_OF_HANDSETS, 1.0), **scenario.prompt_s}
        latency_s = scenario.profile.network.latency_median_s
        return ModelledMedia(host, self._setting.clock, self._planes, lengths.__getitem__, latency_s)

    def _rng(self, of: str) -> random.Random:
        return random.Random(f"{self._setting.seed}/{self._setting.life}/{of}")

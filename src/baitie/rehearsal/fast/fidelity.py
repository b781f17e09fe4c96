"""Fast fidelity: no network; the population says at once what each call and message meets."""

from collections import deque

from baitie.rehearsal.agents import silence_borne
from baitie.rehearsal.fast.callers import SimulatedCallers
from baitie.rehearsal.fast.calls import SimulatedCalls
from baitie.rehearsal.fast.messages import SimulatedMessages
from baitie.rehearsal.fidelity import Outside, Setting
from baitie.rehearsal.scenario import Scenario
from baitie.rehearsal.virtual_time import VirtualLoop


class FastFidelity:
    """Fast fidelity (快速演练)."""

    def make_loop(self, scenario: Scenario, seed: int, life: int, start_s: float) -> VirtualLoop:
        """Virtual time, and nothing else."""
        return VirtualLoop(start_s)

    async def open(self, setting: Setting) -> Outside:
        """Gateways over the population. Where the campaign has agents, callees hang up when nobody speaks."""
        scenario, clock, population = setting.scenario, setting.clock, setting.population
        prompt_s = scenario.prompt_s.__getitem__
        calls = SimulatedCalls(clock, population, prompt_s, setting.hour_of_week, placed=deque(maxlen=0))
        callers = SimulatedCallers(clock, population, prompt_s)
        calls.on_over = callers.on_call_over
        if scenario.campaign.agents is not None:
            calls.silence_borne_s = silence_borne(scenario.profile.agents, setting.seed)
        return Outside(calls, callers, SimulatedMessages(clock, population, deque(maxlen=0)), calls, _nothing_to_close)


async def _nothing_to_close() -> None:
    return None

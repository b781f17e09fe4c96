"""The reference world (参照世界) of pacing: whose figures the published table quotes. Chance is handed in."""

import math
import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """A sudden change (突变) of the world at `at_s`; what is `None` stays as it is."""

    at_s: float
    answer_rate: float | None = None
    talk_factor: float | None = None
    agents_share: float | None = None
    """Of the agents of the morning; those who leave do so at once when idle, else after their wrap-up."""


@dataclass(frozen=True, slots=True)
class WorldParameters:
    """Parameters of the reference world (参照世界参数). Sources: shared survey of dialler manuals; else assumed."""

    agents: int = 10
    answer_rate: float = 0.35
    hours: float = 8.0
    warm_up_s: float = 600.0
    step_s: float = 0.5
    set_up_s: float = 3.0
    early_ring_rate: float = 0.7
    early_ring_s: tuple[float, float] = (6.0, 10.0)
    late_ring_s: tuple[float, float] = (18.0, 22.0)
    given_up_after_s: float = 30.0
    rejected_rate: float = 0.28
    rejected_ring_s: tuple[float, float] = (4.0, 8.0)
    machine_rate: float = 0.0
    machine_ring_s: tuple[float, float] = (12.0, 20.0)
    talk_median_s: float = 83.6
    talk_sigma: float = 0.845
    wrap_up_median_s: float = 17.0
    wrap_up_sigma: float = 0.5
    agent_within_s: float = 2.0
    swing_logit: float = 0.25
    swing_period_s: float = 10_800.0
    noise_logit: float = 0.15
    noise_memory_s: float = 1_800.0
    channels_per_agent: int = 12
    changes: tuple[Change, ...] = field(default=())


class AnswerRate:
    """The share of people who answer (真实接通概率), which wanders over the day: a wave and slow noise in logits."""

    STEP_S = 10.0

    def __init__(self, parameters: WorldParameters, rng: random.Random) -> None:
        self._parameters = parameters
        self._rng = rng
        self._logit = _logit(parameters.answer_rate)
        self._phase = rng.uniform(0.0, 2 * math.pi)
        self._noise = rng.gauss(0.0, parameters.noise_logit)
        self._valid_until_s = 0.0
        self.value = parameters.answer_rate

    def become(self, answer_rate: float) -> None:
        """Jump to another mean."""
        self._logit = _logit(answer_rate)
        self._valid_until_s = 0.0

    def at(self, now_s: float) -> float:
        """The share now; `now_s` never goes back."""
        if now_s >= self._valid_until_s:
            parameters = self._parameters
            keep = math.exp(-self.STEP_S / parameters.noise_memory_s)
            spread = parameters.noise_logit * math.sqrt(1 - keep * keep)
            self._noise = keep * self._noise + self._rng.gauss(0.0, spread)
            wave = parameters.swing_logit * math.sin(2 * math.pi * now_s / parameters.swing_period_s + self._phase)
            self.value = 1.0 / (1.0 + math.exp(-self._logit - wave - self._noise))
            self._valid_until_s = now_s + self.STEP_S
        return self.value


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))

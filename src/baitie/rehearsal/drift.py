"""How the world changes over days (漂移): slowly, and by steps."""

import math
from dataclasses import dataclass

DAY_S = 86_400.0
HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class DriftStep:
    """Step (突变): from `at_h` hours after the begin on, until the next step, in place of the one before."""

    at_h: float
    answer_odds: float = 1.0  # factor on the odds of an answer
    talk_factor: float = 1.0  # factor on the length of talks with agents


@dataclass(frozen=True, slots=True)
class DriftProfile:
    """Drift (漂移): factors per day since the begin, and steps. Without it every day is like the first."""

    answer_odds_per_day: float = 1.0
    talk_factor_per_day: float = 1.0
    steps: tuple[DriftStep, ...] = ()  # by their time

    def answer_odds(self, now_s: float) -> float:
        """Factor on the odds of an answer, `now_s` seconds after the begin."""
        drifted = math.pow(self.answer_odds_per_day, now_s / DAY_S)
        step = self._step(now_s)
        return drifted if step is None else drifted * step.answer_odds

    def talk_factor(self, now_s: float) -> float:
        """Factor on the length of talks, `now_s` seconds after the begin."""
        drifted = math.pow(self.talk_factor_per_day, now_s / DAY_S)
        step = self._step(now_s)
        return drifted if step is None else drifted * step.talk_factor

    def _step(self, now_s: float) -> DriftStep | None:
        begun = [step for step in self.steps if step.at_h * HOUR_S <= now_s]
        return begun[-1] if begun else None


NO_DRIFT = DriftProfile()

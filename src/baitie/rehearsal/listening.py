"""What a simulated person does in the rest of a flow: hears and answers every later question, as the first one."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from baitie.domain.voicebot.dialogue import CollectAnswer, Dialogue, DialogueEffect, EndCall, NoteRefusal, PlayPrompts
from baitie.domain.voicebot.script import Node, Script
from baitie.kernel.time import Instant
from baitie.rehearsal.people import CallPlan
from baitie.rehearsal.profile import KeyProfile

STEPS_MAX = 200
"""A flow with more turns than that is not followed to its end."""

HEARD_SHARE = 0.6
"""So much of a later question people let pass before they press: the first one was like it (assumed)."""

REACTION_MEDIAN_S = 1.0


@dataclass(frozen=True, slots=True)
class HeardFlow:
    """Flow (流程) as the callee hears it: the script, and how long each prompt plays."""

    script: Script
    prompt_s: Mapping[str, float]

    @property
    def has_later_questions(self) -> bool:
        """Whether anything is asked after a first question."""
        return sum(bool(node.keys) for node in self.script.nodes.values()) > 1


def answering_on(plan: CallPlan, flow: HeardFlow, keys: KeyProfile, rng: random.Random) -> CallPlan:
    """The plan with a key for each further question that its first key leads to; who presses nothing hangs up as
    planned. Times are those of a carrier without delay."""
    if not plan.keys or not flow.has_later_questions:
        return plan
    pressed = _Listener(flow, keys, rng).follow(*plan.keys[0])
    return replace(plan, keys=tuple(pressed), hang_up_after_s=pressed[-1][0] + keys.hang_up_after_key_s)


class _Listener:
    """One person in one call: feeds the keys to the dialogue as the bot would, and answers what it asks next."""

    def __init__(self, flow: HeardFlow, keys: KeyProfile, rng: random.Random) -> None:
        self._flow, self._keys, self._rng = flow, keys, rng
        self._dialogue = Dialogue(flow.script)
        self._plays_until: float | None = None
        self._play_id = 0
        self._asked: set[str] = set()
        self._is_over = False

    def follow(self, first_s: float, first: str) -> list[tuple[float, str]]:
        """When which key is pressed, from the answer on; the first as given."""
        pressed: list[tuple[float, str]] = []
        planned: tuple[float, str] | None = (first_s, first)
        self._take(self._dialogue.start(Instant(0.0)), 0.0)
        for _ in range(STEPS_MAX):
            due = [
                at
                for at in (self._plays_until, self._dialogue.next_deadline(), planned and planned[0])
                if at is not None
            ]
            if self._is_over or not due:
                break
            now = min(due)
            if planned is not None and now == planned[0]:
                pressed.append(planned)
                self._note_asked()
                self._take(self._dialogue.on_key(planned[1], Instant(now)), now)
                planned = None
            elif now == self._plays_until:
                self._plays_until = None
                self._take(self._dialogue.on_play_finished(self._play_id, Instant(now)), now)
            else:
                self._take(self._dialogue.on_deadline(Instant(now)), now)
            if planned is None and not self._is_over:
                planned = self._answer(now)
        return pressed

    def _note_asked(self) -> None:
        node = self._dialogue.node
        if node is not None and node.keys:
            self._asked.add(node.name)

    def _answer(self, now: float) -> tuple[float, str] | None:
        """The key for the question that begins now, where it is a new one."""
        node = self._dialogue.node
        if node is None or not node.keys or node.name in self._asked:
            return None
        self._asked.add(node.name)
        length_s = sum(self._flow.prompt_s.get(prompt, 0.0) for prompt in node.prompts)
        reaction_s = REACTION_MEDIAN_S * math.exp(self._keys.press_after_sigma * self._rng.gauss(0.0, 1.0))
        return now + HEARD_SHARE * length_s + reaction_s, self._choice(node)

    def _choice(self, node: Node) -> str:
        """One of the keys that mean something here, as often as people press it; unknown ones like the average."""
        rates, refuse_key = self._keys.rates, self._flow.script.refuse_key
        usual = sum(rates.values()) / len(rates) if rates else 1.0
        weights = {key: rates.get(key, usual) for key in node.keys or ()}
        if refuse_key is not None and refuse_key in rates:
            weights[refuse_key] = rates[refuse_key]
        if not sum(weights.values()):
            return next(iter(weights))
        return self._rng.choices([*weights], [*weights.values()])[0]

    def _take(self, effects: list[DialogueEffect], now: float) -> None:
        for effect in effects:
            match effect:
                case PlayPrompts():
                    self._play_id = effect.play_id
                    self._plays_until = now + sum(self._flow.prompt_s.get(name, 0.0) for name in effect.prompts)
                case EndCall() | NoteRefusal():
                    self._is_over = True
                case CollectAnswer():
                    pass

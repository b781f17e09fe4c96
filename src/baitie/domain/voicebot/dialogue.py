"""The dialogue machine (对话): follows a script on one call; plays, listens for keys, collects, ends."""

from dataclasses import dataclass
from typing import TypeAlias

from baitie.domain.voicebot.script import Node, Script
from baitie.kernel.time import Instant


@dataclass(frozen=True, slots=True)
class PlayPrompts:
    """Play prompts (播放语音), in order."""

    play_id: int
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Stop playing (停止播放): be silent at once, the callee acts."""


@dataclass(frozen=True, slots=True)
class CollectAnswer:
    """Collect an answer (收集回答): keep what the callee said by key."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class NoteRefusal:
    """Note a refusal (登记拒绝来电): the callee does not want further calls. Takes effect at once."""

    key: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """End the call (结束通话): the dialogue is over; hang up."""

    reason: str


DialogueEffect: TypeAlias = PlayPrompts | StopPlaying | CollectAnswer | NoteRefusal | EndCall


class Dialogue:
    """Dialogue (对话): one run through a script. Feed it events in order; it answers with effects, updated in place."""

    __slots__ = ("_deadline", "_node", "_play_id", "_playing", "_repeats", "_script", "is_over", "keys_pressed")

    def __init__(self, script: Script) -> None:
        self._script = script
        self._node: Node | None = None
        self._play_id = 0
        self._playing = False
        self._repeats = 0
        self._deadline: Instant | None = None
        self.is_over = False
        self.keys_pressed = 0

    @property
    def node(self) -> Node | None:
        """Where it stands in the script; None before the start."""
        return self._node

    def next_deadline(self) -> Instant | None:
        """When `on_deadline` wants to be called."""
        return self._deadline

    def start(self, now: Instant) -> list[DialogueEffect]:
        """The call was answered."""
        return self._enter(self._script.start)

    def on_play_finished(self, play_id: int, now: Instant) -> list[DialogueEffect]:
        """A play order ended; those of earlier nodes are stale and mean nothing."""
        if self.is_over or play_id != self._play_id or not self._playing or self._node is None:
            return []
        self._playing = False
        if self._node.keys:
            self._deadline = Instant(now + self._node.key_wait_s)
            return []
        return self._go_on(self._node)

    def on_key(self, key: str, now: Instant) -> list[DialogueEffect]:
        """The callee pressed a key: we stop talking, and act on it."""
        node = self._node
        if self.is_over or node is None:
            return []
        self.keys_pressed += 1
        effects: list[DialogueEffect] = [StopPlaying()] if self._playing else []
        self._playing = False
        self._deadline = None
        if key == self._script.refuse_key:
            return effects + self._refuse(key, node)
        if not node.keys:
            # A key during a plain announcement skips it; it never answers a question that was not heard.
            return effects + self._go_on(node)
        choice = node.keys.get(key)
        if choice is None:
            return effects + self._repeat_or_go_on(node)
        assert node.collects is not None
        effects.append(CollectAnswer(node.collects, choice.value))
        return effects + self._enter(choice.next_node)

    def on_deadline(self, now: Instant) -> list[DialogueEffect]:
        """The wait for a key is over, if `now` has reached it."""
        if self.is_over or self._deadline is None or now < self._deadline or self._node is None:
            return []
        self._deadline = None
        return self._repeat_or_go_on(self._node)

    def _enter(self, name: str) -> list[DialogueEffect]:
        self._repeats = 0
        self._node = self._script.nodes[name]
        return self._play()

    def _play(self) -> list[DialogueEffect]:
        assert self._node is not None
        self._play_id += 1
        self._playing = True
        self._deadline = None
        return [PlayPrompts(self._play_id, self._node.prompts)]

    def _repeat_or_go_on(self, node: Node) -> list[DialogueEffect]:
        if self._repeats < node.repeats_max:
            self._repeats += 1
            return self._play()
        return self._go_on(node)

    def _go_on(self, node: Node) -> list[DialogueEffect]:
        if node.next_node is not None:
            return self._enter(node.next_node)
        return self._end("script-finished")

    def _refuse(self, key: str, node: Node) -> list[DialogueEffect]:
        target = self._script.refused_node
        if target is None or node.name == target:
            return [NoteRefusal(key), *self._end("callee-refused")]
        return [NoteRefusal(key), *self._enter(target)]

    def _end(self, reason: str) -> list[DialogueEffect]:
        self.is_over = True
        self._deadline = None
        return [EndCall(reason)]

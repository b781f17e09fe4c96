"""The dialogue machine: whatever the callee does, it ends, refuses where told so, and collects where it asked."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.voicebot.dialogue import (
    CollectAnswer,
    Dialogue,
    DialogueEffect,
    EndCall,
    NoteRefusal,
    PlayPrompts,
    StopPlaying,
)
from baitie.domain.voicebot.script import KEYS, KeyChoice, Node, Script
from baitie.kernel.time import Instant

NOW = Instant(100.0)
KEY_WAIT_S = 4.0


def script(refused_node: str | None = "refused", repeats_max: int = 1) -> Script:
    """Greeting, question, second question, goodbye."""
    ask = {"1": KeyChoice("yes", "ask-more"), "2": KeyChoice("no", "bye")}
    more = {"1": KeyChoice("good", "bye"), "3": KeyChoice("again", "ask")}
    nodes = [
        Node("hello", ("hello",), "ask"),
        Node("ask", ("ask",), "bye", "received", ask, KEY_WAIT_S, repeats_max),
        Node("ask-more", ("more",), None, "quality", more, KEY_WAIT_S, repeats_max),
        Node("bye", ("bye",)),
        Node("refused", ("refused",)),
    ]
    return Script("s", "1", "hello", {node.name: node for node in nodes}, "9", refused_node)


@dataclass
class Call:
    """A dialogue on a line that plays and stops as it is told."""

    dialogue: Dialogue
    now: Instant = NOW
    playing: int | None = None
    said: list[str] = field(default_factory=list)
    effects: list[DialogueEffect] = field(default_factory=list)

    def take(self, effects: list[DialogueEffect]) -> list[DialogueEffect]:
        for effect in effects:
            if isinstance(effect, PlayPrompts):
                assert self.playing is None, "it never speaks over itself"
                self.playing = effect.play_id
                self.said += effect.prompts
            elif isinstance(effect, StopPlaying):
                self.playing = None
        self.effects += effects
        return effects

    def start(self) -> list[DialogueEffect]:
        return self.take(self.dialogue.start(self.now))

    def finish_play(self) -> list[DialogueEffect]:
        play_id, self.playing = self.playing, None
        return self.take(self.dialogue.on_play_finished(play_id or 0, self.now))

    def press(self, key: str) -> list[DialogueEffect]:
        return self.take(self.dialogue.on_key(key, self.now))

    def wait(self) -> list[DialogueEffect]:
        due = self.dialogue.next_deadline()
        self.now = due if due is not None else Instant(self.now + 1)
        return self.take(self.dialogue.on_deadline(self.now))

    def go_on(self) -> None:
        """What happens by itself: the prompt ends, or nobody presses a key."""
        if self.playing is not None:
            self.finish_play()
        else:
            self.wait()


def asked(repeats_max: int = 1) -> Call:
    """A call in which the question was heard."""
    call = Call(Dialogue(script(repeats_max=repeats_max)))
    call.start()
    call.finish_play()
    call.finish_play()
    assert call.said == ["hello", "ask"]
    return call


def test_answer_is_collected_under_the_name_of_the_question_and_the_call_goes_on() -> None:
    call = asked()
    assert call.press("1") == [CollectAnswer("received", "yes"), PlayPrompts(3, ("more",))]
    call.finish_play()
    assert call.press("1") == [CollectAnswer("quality", "good"), PlayPrompts(4, ("bye",))]
    assert call.finish_play() == [EndCall("script-finished")]


def test_key_cuts_the_prompt_short() -> None:
    call = asked()
    call.press("1")
    assert call.press("1")[0] == StopPlaying()


def test_wrong_key_and_silence_repeat_the_question_so_often_and_then_go_on() -> None:
    call = asked(repeats_max=2)
    call.press("7")
    call.finish_play()
    assert call.wait() == [PlayPrompts(4, ("ask",))]
    call.finish_play()
    assert call.wait() == [PlayPrompts(5, ("bye",))]
    assert not [effect for effect in call.effects if isinstance(effect, CollectAnswer)]


def test_deadline_that_is_not_reached_does_nothing() -> None:
    call = asked()
    assert call.dialogue.next_deadline() == call.now + KEY_WAIT_S
    assert call.dialogue.on_deadline(Instant(call.now + KEY_WAIT_S - 0.01)) == []


def test_key_during_an_announcement_skips_it_and_answers_nothing() -> None:
    call = Call(Dialogue(script()))
    call.start()
    assert call.press("1") == [StopPlaying(), PlayPrompts(2, ("ask",))]


def test_end_of_an_earlier_prompt_means_nothing() -> None:
    call = asked()
    call.press("1")
    assert call.dialogue.on_play_finished(1, call.now) == []
    assert call.dialogue.on_play_finished(99, call.now) == []


def test_refusal_without_a_node_for_it_ends_at_once() -> None:
    call = Call(Dialogue(script(refused_node=None)))
    call.start()
    assert call.press("9") == [StopPlaying(), NoteRefusal("9"), EndCall("callee-refused")]


ACTIONS = st.lists(st.sampled_from(["go on", "wait", *sorted(KEYS)]), max_size=40)


@given(ACTIONS, st.sampled_from([None, "refused"]), st.integers(0, 5))
def test_every_order_of_keys_and_waits_ends_and_nothing_follows_the_end(
    actions: list[str], refused_node: str | None, repeats_max: int
) -> None:
    call = Call(Dialogue(script(refused_node, repeats_max)))
    call.start()
    for action in actions:
        if action == "go on":
            call.go_on()
        elif action == "wait":
            call.wait()
        else:
            call.press(action)
    for _ in range(100):
        if call.dialogue.is_over:
            break
        call.go_on()
    assert [effect for effect in call.effects if isinstance(effect, EndCall)] == call.effects[-1:]
    assert call.dialogue.next_deadline() is None
    assert call.press("1") == call.press("9") == call.finish_play() == call.wait() == []


@given(ACTIONS, ACTIONS, st.sampled_from([None, "refused"]))
def test_refuse_key_always_refuses_and_silences_at_once(
    before: list[str], after: list[str], refused_node: str | None
) -> None:
    call = Call(Dialogue(script(refused_node)))
    call.start()
    for action in before:
        if action != "9" and not call.dialogue.is_over:
            call.go_on() if action in ("go on", "wait") else call.press(action)
    if call.dialogue.is_over:
        return
    was_playing = call.playing is not None
    effects = call.press("9")
    assert NoteRefusal("9") in effects
    assert (effects[0] == StopPlaying()) == was_playing
    for action in after:
        call.go_on() if action in ("go on", "wait") else call.press(action)
    collected_at = [n for n, effect in enumerate(call.effects) if isinstance(effect, CollectAnswer)]
    refused_at = call.effects.index(NoteRefusal("9"))
    assert all(place < refused_at for place in collected_at), "who refused is asked nothing more"


@given(ACTIONS)
def test_answer_is_collected_only_where_its_question_was_being_asked(actions: list[str]) -> None:
    call = Call(Dialogue(script()))
    call.start()
    names = {"ask": "received", "more": "quality"}
    for action in actions:
        before = call.said[-1]
        if call.dialogue.is_over:
            break
        if action in ("go on", "wait"):
            done = len(call.effects)
            call.go_on()
            assert not [e for e in call.effects[done:] if isinstance(e, CollectAnswer)]
        else:
            for effect in call.press(action):
                if isinstance(effect, CollectAnswer):
                    assert names[before] == effect.name

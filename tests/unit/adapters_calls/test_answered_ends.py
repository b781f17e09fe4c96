"""Unit: no answered call ends as if nobody had been called, whatever fails on our side."""

from pathlib import Path

import pytest
from tests.unit.adapters_calls.callee import HOST, PROMPT, Story, sdp, tell

from baitie.adapters.calls import gateway as under_test
from baitie.adapters.media import MediaEngine
from baitie.adapters.media.errors import MediaProcessError
from baitie.app.ports.calls import CallAnswered, CallEnded, CallFailed
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.wire.sdp import MediaAgreement


class BrokenMedia(MediaEngine):
    """Opens ports and connects nothing."""

    def connect(self, call_key: str, agreement: MediaAgreement) -> None:
        raise MediaProcessError()


def test_media_that_breaks_at_the_answer_abandons_the_call(tmp_path: Path) -> None:
    async def story(told: Story) -> None:
        ear = await told.ear()
        told.callee.reply(await told.place(), 200, body=sdp(ear))
        told.callee.reply(await told.callee.request("BYE"), 200)
        failure = (await told.event(CallFailed)).failure
        assert (failure.cause, failure.outcome) == ("answered-without-media", Outcome.ABANDONED)

    tell(story, tmp_path / "prompt", media=BrokenMedia(HOST))


def test_media_that_breaks_under_a_held_call_refuses_the_offer_and_the_call_goes_on(tmp_path: Path) -> None:
    media = MediaEngine(HOST)

    async def story(told: Story) -> None:
        ear = await told.ear()
        invite = await told.place()
        told.callee.reply(invite, 200, body=sdp(ear))
        await told.event(CallAnswered)
        media.connect = BrokenMedia.connect.__get__(media)  # type: ignore[method-assign]
        told.callee.send("UPDATE", 5, invite, body=sdp(ear))
        await told.callee.response("5 UPDATE", 488)
        assert told.of(CallEnded) == []

    tell(story, tmp_path / "prompt", media=media)


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_call_whose_end_does_not_come_before_the_gateway_closes_is_not_called_unplaced(
    tmp_path: Path, is_answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "CLOSE_WAIT_S", 0.1)
    ends: list[CallEnded | CallFailed] = []

    async def story(told: Story) -> None:
        ear = await told.ear()
        invite = await told.place()
        if is_answered:
            told.callee.reply(invite, 200, body=sdp(ear))
            await told.event(CallAnswered)
            told.gateway.play(told.told[-1].attempt_id, 1, (PROMPT,))
        await told.gateway.close()
        ends.extend([event for event in told.told if isinstance(event, CallEnded | CallFailed)])

    tell(story, tmp_path / "prompt")
    (end,) = ends
    if is_answered:
        assert isinstance(end, CallEnded)
        assert end.ended_by is EndedBy.US
    else:
        assert isinstance(end, CallFailed)
        assert end.failure.outcome is Outcome.UNKNOWN

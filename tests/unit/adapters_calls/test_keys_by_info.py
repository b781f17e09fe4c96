"""Unit: keys by SIP INFO reach the campaign and the call-back, once each, beside telephone events and alone."""

from pathlib import Path

import pytest
from tests.unit.adapters_calls.callee import HOST, Story, sdp, tell, until
from tests.unit.wire.sip.desk import inside, invite_text

from baitie.app.ports.arrivals import ArrivalConfirmed, ArrivalEvent, CallArrived, CallerPressed
from baitie.app.ports.calls import CallAnswered, KeyPressed
from baitie.kernel.time import Instant
from baitie.wire.dtmf import KeyWay, TwoWayKeys
from baitie.wire.dtmf.two_ways import SAME_PRESS_WITHIN_S

RELAY = "Content-Type: application/dtmf-relay\r\n"


@pytest.mark.parametrize("formats", ["8", "8 101"])
def test_nine_by_info_is_told_once_whether_telephone_events_were_agreed_or_not(tmp_path: Path, formats: str) -> None:
    async def story(told: Story) -> None:
        ear = await told.ear()
        invite = await told.place()
        told.callee.reply(invite, 200, body=sdp(ear, formats=formats))
        await told.event(CallAnswered)
        for _ in range(2):  # the second is a retransmission
            told.callee.send("INFO", 5, invite, RELAY, b"Signal= 9\r\nDuration=160\r\n")
        await told.callee.response("5 INFO")
        told.callee.send("INFO", 6, invite, "Content-Type: application/dtmf\r\n", b"11")
        await told.callee.response("6 INFO")
        told.callee.send("INFO", 7, invite, "Content-Type: application/x\r\n", b"1")
        await told.callee.response("7 INFO", 415)

    told = tell(story, tmp_path / "prompt")
    assert [event.key for event in told if isinstance(event, KeyPressed)] == ["9", "#"]


@pytest.mark.parametrize("info_first", [True, False])
def test_a_press_told_by_both_ways_is_one_press_and_two_presses_are_two(tmp_path: Path, info_first: bool) -> None:
    async def story(told: Story) -> None:
        ear = await told.ear()
        invite = await told.place()
        told.callee.reply(invite, 200, body=sdp(ear))
        await told.event(CallAnswered)
        told.gateway.play(told.told[-1].attempt_id, 1, ("prompt",))
        await told.hears(ear)
        for number, key in enumerate("1192", start=1):
            ways = ["info", "event"] if info_first else ["event", "info"]
            for way in ways:
                if way == "event":
                    ear.press(int(key), number * 4000)
                else:
                    told.callee.send("INFO", 4 + number, invite, RELAY, f"Signal={key}\r\n".encode())
                    await told.callee.response(f"{4 + number} INFO")
            await until(lambda n=number: len(told.of(KeyPressed)) >= n, "no key")  # type: ignore[misc]

    told = tell(story, tmp_path / "prompt")
    assert [event.key for event in told if isinstance(event, KeyPressed)] == ["1", "1", "9", "2"]


@pytest.mark.parametrize(
    ("formats", "allow", "hears"),
    [
        ("8", "", False),
        ("8", "Allow: INVITE, BYE\r\n", False),
        ("8", "Allow: INVITE, INFO\r\n", True),
        ("8 101", "", True),
    ],
)
def test_an_answer_without_a_way_for_keys_is_told_as_such(
    tmp_path: Path, formats: str, allow: str, hears: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(told: Story) -> None:
        ear = await told.ear()
        told.callee.reply(await told.place(), 200, allow, sdp(ear, formats=formats))
        assert (await told.event(CallAnswered)).hears_keys is hears

    tell(story, tmp_path / "prompt")
    assert ("announced no way to send keys" in caplog.text) is not hears


@pytest.mark.parametrize("named", [HOST, "localhost"])
def test_a_caller_who_rings_back_is_heard_by_info_too(tmp_path: Path, named: str) -> None:
    arrived: list[ArrivalEvent] = []

    async def story(told: Story) -> None:
        ear = await told.ear()
        answering, callee = told.gateway.answering, told.callee
        answering.listen(arrived.append)
        callee.gateway = answering.endpoint.addresses["UDP"]
        host, port = callee.address
        text = invite_text(
            body=sdp(ear, formats="8", host=named).decode(), via=f"{host}:{port}", uri=f"sip:+862150000100@{HOST}"
        )
        callee.transport.sendto(
            text.replace("sip:far@10.0.0.2:5060", f"sip:far@{host}:{port}").encode(), callee.gateway
        )
        line = (await until(lambda: [event for event in arrived if isinstance(event, CallArrived)], "no call"))[0].line
        answering.answer(line, None)
        ok = await callee.response("1 INVITE")
        for request in (
            inside("ACK", 1, ok),
            inside("INFO", 2, ok, extra=RELAY, body=b"signal=9\nduration=100\n"),
            inside("INFO", 3, ok, extra=RELAY, body=b"Signal=10\r\n"),
        ):
            callee.transport.sendto(request.replace("10.0.0.2:5060", f"{host}:{port}").encode(), callee.gateway)
        await callee.response("3 INFO")
        await until(lambda: len([event for event in arrived if isinstance(event, CallerPressed)]) == 2, "no keys")

    tell(story, tmp_path / "prompt")
    assert [event.key for event in arrived if isinstance(event, CallerPressed)] == ["9", "*"]
    assert len([event for event in arrived if isinstance(event, ArrivalConfirmed)]) == 1


# The rule by itself


def told_keys(reports: list[tuple[float, str, KeyWay]]) -> str:
    keys = TwoWayKeys()
    return "".join(key for at, key, way in reports if keys.is_new(key, way, Instant(at)))


MEDIA, INFO = KeyWay.MEDIA, KeyWay.SIGNALLING


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([(0, "9", MEDIA)], "9"),
        ([(0, "9", INFO)], "9"),
        ([(0, "9", MEDIA), (0.2, "9", INFO)], "9"),
        ([(0, "9", INFO), (0.2, "9", MEDIA)], "9"),
        ([(0, "1", MEDIA), (0.1, "1", MEDIA), (0.2, "1", MEDIA)], "111"),
        ([(0, "1", INFO), (0.1, "1", INFO)], "11"),
        ([(0, "1", MEDIA), (0.1, "2", MEDIA), (0.2, "1", INFO), (0.3, "2", INFO)], "12"),
        ([(0, "1", MEDIA), (0.2, "1", INFO), (0.4, "1", MEDIA), (0.6, "1", INFO)], "11"),
        ([(0, "1", MEDIA), (0.1, "1", MEDIA), (0.2, "1", INFO), (0.3, "1", INFO)], "11"),
        ([(0, "1", MEDIA), (0.2, "2", INFO)], "12"),
        ([(0, "1", MEDIA), (SAME_PRESS_WITHIN_S + 0.1, "1", INFO)], "11"),
        ([(0, "1", MEDIA), (3.5, "1", INFO)], "1"),
    ],
)
def test_each_report_answers_for_at_most_one_of_the_other_way(
    reports: list[tuple[float, str, KeyWay]], expected: str
) -> None:
    assert told_keys(reports) == expected

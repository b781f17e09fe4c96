"""Faults of everything around the dialler, with real processes and sockets: nothing is lost and nothing hangs."""

import os
import resource
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from tests.rehearsal.real_runs import (
    STORE,
    Program,
    carrier_beside,
    carrier_log,
    change,
    ended,
    make_folder,
    processes_of,
    start_run,
    store_of,
    until,
)

from baitie.kernel.ids import CampaignId
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import AttemptRecord, LeadState

CAMPAIGN = CampaignId("short-rings")
BRISK = {"attempts_per_s": "20"}


def judge(folder: Path, *, invites: Counter[str] | None = None) -> tuple[AttemptRecord, ...]:
    """After a run that ended by itself: nothing open, one outcome each, no INVITE twice. Gives the attempts."""
    with store_of(folder) as store:
        state, attempts = store.campaign_state(CAMPAIGN), store.attempts(CAMPAIGN)
        assert store.verify_chain().is_whole
    assert state is not None
    assert not state.open_attempts
    assert all(lead.state is not LeadState.IN_PROGRESS for lead in state.leads)
    assert all(attempt.outcome is not None for attempt in attempts)
    seen = invites if invites is not None else Counter(line["attempt"] for line in carrier_log(folder, "invite"))
    assert all(times == 1 for times in seen.values()), "no INVITE twice for one attempt"
    assert seen.keys() <= {attempt.attempt_id for attempt in attempts if attempt.invite_sent_at is not None}
    return tuple(attempts)


def run_to_end(folder: Path, within_s: float = 60.0) -> int:
    """The exit code of a run, of which nothing is left behind."""
    with ended(start_run(folder)) as program:
        code = program.wait(within_s)
        assert not processes_of(program.process.pid)
    return code


# The message centre


@pytest.mark.parametrize(
    ("people", "cards"),
    [
        ({"throttled_rate": "1.0", "lost_receipt_rate": "0.0"}, {"late", "refused", "unknown"}),
        ({"lost_receipt_rate": "1.0", "undelivered_rate": "0.0"}, {"late"}),
        ({"receipt_median_s": "2.5", "receipt_sigma": "0.05"}, {"late", "refused"}),
        ({"undelivered_rate": "1.0", "lost_receipt_rate": "0.0"}, {"undelivered"}),
        ({"doubled_receipt_rate": "1.0", "receipt_median_s": "0.02"}, {"delivered", "late", "refused", "undelivered"}),
    ],
    ids=["throttles", "no-receipts", "late-receipts", "undelivered", "doubled-receipts"],
)
def test_message_centre_that_behaves_badly_costs_cards_and_no_call(
    tmp_path: Path, people: dict[str, str], cards: set[str]
) -> None:
    folder = make_folder(tmp_path / "c", 12, {**BRISK, "idle_wait_max_s": "0"})
    change(folder / "profile.toml", {"refused_rate": "0.0", "throttled_rate": "0.0", **people})
    assert run_to_end(folder) == 0
    attempts = judge(folder)
    assert len({attempt.lead_id for attempt in attempts}) == 12
    assert all(attempt.invite_sent_at is not None for attempt in attempts)
    assert {attempt.card_outcome for attempt in attempts} <= cards


@contextmanager
def cutting_relay(port: int, submits_per_connection: int) -> Iterator[int]:
    """A relay before a message centre that cuts the connection at every n-th submit_sm, before it is answered."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server, ExitStack() as opened:
        threading.Thread(target=_accept, args=(server, port, submits_per_connection, opened), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket, port: int, submits_max: int, opened: ExitStack) -> None:
    while True:
        try:
            near, _ = server.accept()
        except OSError:
            return
        far = opened.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
        opened.enter_context(closing(near))
        threading.Thread(target=_relay, args=(near, far, submits_max), daemon=True).start()
        threading.Thread(target=_relay, args=(far, near, 10**9), daemon=True).start()


def _relay(source: socket.socket, target: socket.socket, submits_max: int) -> None:
    submits = 0
    try:
        while data := source.recv(65536):
            submits += data.count(b"\0\0\0\4\0\0\0\0")
            if submits >= submits_max:
                break
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue


def test_message_centre_that_drops_the_connection_loses_no_attempt(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 15, {**BRISK, "idle_wait_max_s": "0"})
    with carrier_beside(folder) as carrier, cutting_relay(carrier.ports["smpp_port"], 4) as port:
        carrier.tell(smpp_port=port)
        assert run_to_end(folder) == 0
    attempts = judge(folder)
    assert len({attempt.lead_id for attempt in attempts}) == 15
    assert {"unknown", "late"} & {attempt.card_outcome for attempt in attempts}, "a card's fate was cut off"


def test_message_centre_that_never_answers_ends_the_run_before_the_first_call(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 5)
    with carrier_beside(folder) as carrier, closing(socket.create_server(("127.0.0.1", 0))) as mute:
        carrier.tell(smpp_port=mute.getsockname()[1])
        assert run_to_end(folder) == 5
    assert judge(folder) == ()


# The carrier


def test_carrier_that_never_answers_is_invited_once_for_each_attempt_and_given_up(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 25, BRISK)
    invites: Counter[str] = Counter()
    with carrier_beside(folder) as carrier, closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        carrier.tell(sip_port=silent.getsockname()[1])
        with ended(start_run(folder)) as program:
            transactions = _requests(silent, program)
            assert program.wait() == 5, program.errors()
            assert program.summary()["end"] == "carrier_lost"
    invites.update(attempt for attempt, _ in transactions)
    attempts = judge(folder, invites=invites)
    assert {attempt.outcome for attempt in attempts} <= {
        Outcome.UNREACHABLE,
        Outcome.UNKNOWN,
        Outcome.FAILED,
        Outcome.CANCELLED,
    }


def _requests(silent: socket.socket, program: Program) -> set[tuple[str, str]]:
    """Attempt and branch of each INVITE that came until the program ended; repetitions have the same branch."""
    seen: set[tuple[str, str]] = set()
    silent.settimeout(0.2)
    while not program.has_ended:
        try:
            lines = silent.recv(65536).decode().split("\r\n")
        except TimeoutError:
            continue
        if lines[0].startswith("INVITE "):
            found = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
            seen.add((found["X-Baitie-Attempt"], found["Via"].partition("branch=")[2]))
    return seen


def test_carrier_that_dies_in_the_middle_of_calls_stops_the_run_and_says_so(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 150, {**BRISK, "receipt_wait_s": "0.2"})
    with carrier_beside(folder) as carrier:
        with ended(start_run(folder)) as program:
            until(lambda: program.has_ended or len(carrier_log(folder, "answered")) >= 3, "calls are in progress")
            carrier.process.kill()
            assert program.wait(150) == 5, program.errors()
            assert program.summary()["end"] == "carrier_lost"
        attempts = judge(folder)
        assert len(attempts) < 150
        carrier.process.wait()


def test_sip_port_that_is_taken_is_named_before_the_first_call(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 5)
    with carrier_beside(folder) as carrier, closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for name in ("baitie.toml", "card.toml"):  # the shipped sample's own brand and numbers go over no trunk
            text = (folder / name).read_text().replace("云杉优选", "青山医院").replace("+8621500001", "+8657188001")
            (folder / name).write_text(text)
        (folder / "baitie.toml").write_text(
            (folder / "baitie.toml").read_text().replace('"loopback"', '"trunks"')
            + f'\n[trunks.main]\nhost = "127.0.0.1"\nport = {carrier.ports["sip_port"]}\n'
            + f'local_host = "127.0.0.1"\nlocal_port = {port}\n'
            + f'\n[message_centre]\nport = {carrier.ports["smpp_port"]}\npassword = "loopback"\n'
        )
        with ended(start_run(folder)) as program:
            assert program.wait() == 70
            assert not processes_of(program.process.pid)
        assert "sip-socket-unavailable" in program.output()
        assert str(port) in program.output()
    assert carrier_log(folder, "invite") == []


# Our own side


def test_media_process_that_is_killed_ends_its_calls_and_the_next_get_another(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 60, {**BRISK, "idle_wait_max_s": "0"})
    with carrier_beside(folder), ended(start_run(folder)) as program:
        until(lambda: program.has_ended or len(carrier_log(folder, "answered")) >= 3, "calls are in progress")
        (media,) = set(processes_of(program.process.pid)) - {program.process.pid}
        os.kill(media, signal.SIGKILL)
        answered = len(carrier_log(folder, "answered"))
        until(lambda: program.has_ended or len(carrier_log(folder, "answered")) > answered + 5, "calls go on")
        assert program.wait() == 0, program.errors()
    attempts = judge(folder)
    assert len(attempts) >= 60
    assert Outcome.UNKNOWN not in {attempt.outcome for attempt in attempts}


def test_full_disk_stops_all_placing_says_so_and_the_next_run_goes_on(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "c", 120, {**BRISK, "idle_wait_max_s": "0"})
    with carrier_beside(folder):
        with ended(start_run(folder)) as program:
            until(lambda: program.has_ended or len(carrier_log(folder, "answered")) >= 3, "calls are in progress")
            journal_bytes = (folder / f"{STORE}-wal").stat().st_size
            # A file-size limit is met like a full disk, and needs no file system of its own.
            resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (journal_bytes + 65536,) * 2)
            assert program.wait() == 3, program.errors()
        summary = program.summary()
        assert summary["end"] == "store_failed"
        assert summary["problem"]
        assert summary["attempts"] < 120
        invited = {line["attempt"] for line in carrier_log(folder, "invite")}
        with store_of(folder) as store:
            assert invited <= {a.attempt_id for a in store.attempts(CAMPAIGN) if a.invite_sent_at is not None}
        assert run_to_end(folder) == 0
    judge(folder)

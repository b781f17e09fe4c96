"""The store of rehearsals keeps standings in memory: they are those that a store that reads each time would tell."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.contract.store import samples
from tests.fakes.store import MemoryDisk, MemoryStore

from baitie.adapters.store import SqlStore
from baitie.adapters.store.keys import NumberKey
from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.app.records.batch import Batch
from baitie.app.records.standing import CARDS_KEPT_MAX
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.kernel.ids import CalleeId

HANDLES = (0, 1)


def history(n: int) -> CalleeHistory:
    at = samples.NOON + timedelta(minutes=n)
    return CalleeHistory(attempts=(PastAttempt(at, is_contact=True, is_rejected=False, is_short=False),))


def batch(kind: str, callee: int, n: int) -> Batch:
    callee_id, at = CalleeId(f"ce_{callee}"), samples.NOON + timedelta(seconds=n)
    match kind:
        case "history":
            return Batch(histories=[(callee_id, history(n))])
        case "card":
            return Batch(cards_sent=[(callee_id, at)])
        case "cards":
            return Batch(cards_sent=[(callee_id, at + timedelta(seconds=k)) for k in range(CARDS_KEPT_MAX)])
        case "refusal":
            return Batch(refusals=[samples.refusal(callee)])
        case _:
            return Batch(attempts=[samples.attempt(callee)])


steps = st.lists(
    st.tuples(
        st.sampled_from(["history", "card", "cards", "refusal", "attempt", "read"]),
        st.integers(1, 2),
        st.integers(0, 50),
        st.sampled_from(HANDLES),
    ),
    max_size=25,
)


@given(steps)
def test_whatever_is_written_a_standing_kept_is_the_standing_read(chosen: list[tuple[str, int, int, int]]) -> None:
    """Of two handles each reads what it wrote itself at once, and what the other wrote when that has reached the data
    base: it is made to by the other's reading of something else."""
    engine, disk, key = MemoryEngine(), MemoryDisk(), NumberKey(bytes(32))
    kept = [SqlStore(engine, key, inline=True, writes_late=True) for _ in HANDLES]
    plain = [MemoryStore(disk, is_inline=True) for _ in HANDLES]
    for kind, callee, n, handle in chosen:
        if kind == "read":
            kept[1 - handle].journal()
            callee_id = CalleeId(f"ce_{callee}")
            assert kept[handle].standing(callee_id) == plain[handle].standing(callee_id)
        else:
            writer = 0 if kind == "history" else handle  # of one dialler alone
            kept[writer].commit(batch(kind, callee, n))
            plain[writer].commit(batch(kind, callee, n))
    for store in kept:
        store.journal()
    for callee_id in (CalleeId("ce_1"), CalleeId("ce_2")):
        assert kept[0].standing(callee_id) == kept[1].standing(callee_id) == plain[0].standing(callee_id)
    for store in kept:
        store.close()
    engine.drop()

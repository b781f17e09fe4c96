"""A lead may be taken out of the queue and put back: it stands there once, as it was last put in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.dialing.queue import LeadQueue
from baitie.kernel.ids import CalleeId, CampaignId, LeadId
from baitie.kernel.records import LeadRecord

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def lead(number: int, priority: int = 0, after_s: int = 0) -> LeadRecord:
    at = NOW + timedelta(seconds=after_s) if after_s else None
    return LeadRecord(
        LeadId(f"ld_{number}"), CampaignId("c"), CalleeId(f"ce_{number}"), number, "", {}, "s", "b",
        priority=priority, not_before=at,
    )  # fmt: skip


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 4), st.integers(0, 2), st.integers(0, 3)),
        st.tuples(st.just("drop"), st.integers(0, 4), st.just(0), st.just(0)),
        st.tuples(st.just("take"), st.just(0), st.just(0), st.just(0)),
        st.tuples(st.just("wait"), st.just(0), st.just(0), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
def test_queue_gives_what_a_plain_list_of_the_newest_entries_gives(steps: list[tuple[str, int, int, int]]) -> None:
    queue, model, now = LeadQueue(), dict[str, tuple[int, LeadRecord]](), NOW
    for order, (what, number, priority, after_s) in enumerate(steps):
        if what == "add":
            one = lead(number, priority, after_s)
            queue.add(one, now)
            model[one.lead_id] = (order, one)
        elif what == "drop":
            assert queue.drop(LeadId(f"ld_{number}")) is (model.pop(f"ld_{number}", None) is not None)
        elif what == "wait":
            now += timedelta(seconds=1)
        else:
            ready = [(o, one) for o, one in model.values() if one.not_before is None or one.not_before <= now]
            best = min(ready, key=lambda entry: (-entry[1].priority, entry[0]), default=None)
            taken = queue.take(now)
            assert taken == (None if best is None else best[1])
            if taken is not None:
                del model[taken.lead_id]
        assert len(queue) == len(model)
        assert queue.has_ready(now) is any(o.not_before is None or o.not_before <= now for _, o in model.values())

"""The abandonment budget: nothing at first, never more than the share, in each kind of window."""

from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.dialing.pacing.abandonment import AbandonmentBudget, AbandonmentCeiling, WindowKind
from baitie.kernel.time import Instant

steps = st.lists(st.tuples(st.floats(0.0, 400.0), st.booleans()), max_size=300)


@given(steps, st.sampled_from(WindowKind), st.integers(0, 60), st.sampled_from([0, 300, 1_000, 5_000]))
def test_no_history_overdraws_a_budget_that_is_asked_before(
    history: list[tuple[float, bool]], kind: WindowKind, answers_min: int, max_per_10000: int
) -> None:
    ceiling = AbandonmentCeiling(max_per_10000, kind, 3_600.0, answers_min=answers_min)
    budget, now = AbandonmentBudget(ceiling, Instant(0.0)), 0.0
    past: list[tuple[float, bool]] = []
    for wait_s, wants_to_abandon in history:
        now += wait_s
        budget.on_answered(Instant(now))
        is_abandoned = wants_to_abandon and budget.remaining(Instant(now)) > 0
        if is_abandoned:
            budget.on_abandoned(Instant(now))
        past.append((now, is_abandoned))
        begun = {
            WindowKind.ROLLING: now - 3_600.0,
            WindowKind.SUCCESSIVE: now // 3_600.0 * 3_600.0,
            WindowKind.CALENDAR: -1.0,
        }[kind]
        inside = [abandoned for at, abandoned in past if at >= begun]
        if is_abandoned:
            assert sum(inside) * 10_000 <= max_per_10000 * len(inside)
            assert len(inside) >= answers_min


@given(st.integers(0, 5_000), st.integers(0, 200), st.sampled_from(WindowKind), st.sampled_from([0, 300, 1_000]))
def test_slack_is_what_remains_and_less_than_a_call_more(
    answers: int, abandoned: int, kind: WindowKind, max_per_10000: int
) -> None:
    budget = AbandonmentBudget(AbandonmentCeiling(max_per_10000, kind, 3_600.0), Instant(0.0))
    budget.carry_in(answers, min(abandoned, answers), Instant(0.0))
    now = Instant(1_800.0)
    assert budget.remaining(now) <= budget.slack(now) < budget.remaining(now) + 1


def test_nothing_is_allowed_until_enough_answers() -> None:
    budget = AbandonmentBudget(AbandonmentCeiling(answers_min=50), Instant(0.0))
    allowed = []
    for _ in range(67):
        budget.on_answered(Instant(1.0))
        allowed.append(budget.remaining(Instant(1.0)))
    assert allowed[:49] == [0] * 49
    assert allowed[49] == 1
    assert allowed[66] == 2


def test_what_was_before_the_run_counts() -> None:
    budget = AbandonmentBudget(AbandonmentCeiling(), Instant(0.0))
    budget.carry_in(1_000, 28, Instant(0.0))
    assert budget.remaining(Instant(1.0)) == 2


def test_successive_periods_begin_at_the_start_of_the_campaign() -> None:
    budget = AbandonmentBudget(AbandonmentCeiling(window_s=100.0), Instant(50.0))
    budget.carry_in(200, 1, Instant(50.0))
    assert budget.remaining(Instant(149.0)) == 5
    assert budget.remaining(Instant(150.0)) == 0
    assert budget.answers == 0


def test_a_calendar_day_ends_when_it_is_told() -> None:
    budget = AbandonmentBudget(AbandonmentCeiling(window_kind=WindowKind.CALENDAR, window_s=86_400.0), Instant(0.0))
    budget.carry_in(200, 2, Instant(0.0))
    assert budget.remaining(Instant(90_000.0)) == 4
    budget.begin_window(Instant(90_000.0))
    assert (budget.answers, budget.abandoned, budget.remaining(Instant(90_001.0))) == (0, 0, 0)


def test_a_rolling_window_never_counts_answers_that_have_left_it() -> None:
    ceiling = AbandonmentCeiling(window_kind=WindowKind.ROLLING, window_s=4_800.0)
    budget = AbandonmentBudget(ceiling, Instant(0.0))
    budget.carry_in(1_000, 0, Instant(0.0))
    assert budget.remaining(Instant(4_800.0)) == 30
    assert budget.remaining(Instant(4_801.0)) == 0
    assert budget.remaining(Instant(4_901.0)) == 0
    assert budget.answers == 0


def test_the_ceiling_of_its_own_is_that_of_the_telemarketing_sales_rule() -> None:
    """16 CFR 310.4(b)(4): three per cent of what people answer, two seconds, each thirty days."""
    ceiling = AbandonmentCeiling()
    assert (ceiling.max_per_10000, ceiling.agent_within_s) == (300, 2.0)
    assert (ceiling.window_kind, ceiling.window_s) == (WindowKind.SUCCESSIVE, 30 * 86_400)
    assert [ceiling.allowed(answers) for answers in (0, 49, 50, 99, 100, 133, 134)] == [0, 0, 1, 2, 3, 3, 4]

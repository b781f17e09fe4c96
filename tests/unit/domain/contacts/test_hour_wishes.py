"""A wish about hours is no refusal, and no refusal is taken for a wish."""

import pytest

from baitie.domain.contacts import ColumnMapping, RejectReason, import_contacts, read_table_untrusted

WISHES = [
    *(
        "午休勿扰",
        "中午勿扰",
        "12点-14点勿扰",
        "12:00-14:00请勿打扰",
        "晚上8点后不要打电话",
        "周末勿扰",
        "周六日勿打",
        "上班时间请不要打电话",
        "开会中勿扰",
    ),
    *(
        "不要在中午打",
        "勿在午休拨打",
        "不要晚上打电话",
        "请不要在上班时间打扰",
        "下午3点后联系",
        "请晚上8点以后打",
        "9-11点方便",
        "早上别打",
    ),
    *(
        "中午12点到2点，请勿打扰",
        "工作日勿打",
        "白天勿打",
        "请于19:00后来电",
        "午休、晚上勿扰",
        "勿扰（午休）",
        "免打扰时段：12:00-14:00",
    ),
    *(
        "VIP，午休勿扰，喜欢短信",
        "晚上免打扰",
        "下班後請勿打擾",
        "do not call before 10am",
        "Don't call after 8 pm",
    ),
    *(
        "Do not call on weekends",
        "no calls on sundays",
        "do not disturb 12-2pm",
        "call after 6pm",
    ),
]

REFUSALS = [
    *(
        "勿扰",
        "请勿打电话",
        "不要再打",
        "午休勿扰，以后不要再打",
        "晚上打电话说不要再打",
        "昨天上午来电要求不要再联系",
        "白天晚上都不要打",
        "白天晚上勿扰",
        "任何时间勿扰",
    ),
    *(
        "全天勿扰",
        "24小时勿扰",
        "其他时间也不要打",
        "工作日周末都勿打",
        "晚上也不要打了，拉黑名单",
        "周末投诉过，拒绝营销",
        "上午已退订",
        "中午说了别再打",
    ),
    *(
        "2026年拒绝回访",
        "3点打来说别打了",
        "早上勿打晚上勿打白天也勿打",
        "请勿来电，工作时间也不行",
        "上午别打，下午别打，晚上别打",
        "不要在任何时间打",
        "休息，别再打来",
    ),
    *(
        "晚上已联系，不要再打",
        "do not call",
        "do not call again",
        "Do not call this number at any time",
    ),
    *(
        "do not call after 3 complaints",
        "do not call before 2030",
        "called in the evening: do not call",
    ),
]

NOTHING = [
    *(
        "昨天晚上联系过",
        "上午已签收",
        "2026-01-02登记",
        "下午送货",
        "晚上来过电话",
        "周末发货",
    ),
    *(
        "9点",
        "每天两次",
        "call centre",
        "night shift",
        "12:30签收",
    ),
]


def judged(heading: str, cell: str) -> str:
    table = read_table_untrusted(f'手机号,{heading}\n13812345678,"{cell}"\n'.encode(), "a.csv")
    result = import_contacts(table, ColumnMapping(), "CN", "s", "b")
    if result.rejected:
        assert [one.reason for one in result.rejected] == [RejectReason.CALL_FORBIDDEN]
        return "refused"
    return result.accepted[0].hours_wish


@pytest.mark.parametrize("remark", WISHES)
def test_a_wish_about_hours_is_said_and_refuses_nothing(remark: str) -> None:
    wish = judged("备注", remark)
    assert wish not in ("", "refused")
    assert all(char in remark.casefold().replace("，", ",").replace("（", "(").replace("：", ":") for char in wish)


@pytest.mark.parametrize("remark", REFUSALS)
def test_a_refusal_beside_hours_or_for_all_of_them_stays_one(remark: str) -> None:
    assert judged("备注", remark) == "refused"


@pytest.mark.parametrize("remark", NOTHING)
def test_a_time_that_nobody_wishes_for_is_no_wish(remark: str) -> None:
    assert judged("备注", remark) == ""


@pytest.mark.parametrize(
    ("heading", "cell", "wish"),
    [
        ("免打扰", "12:00-14:00", "12:00-14:00"),
        ("免打扰", "是", "refused"),
        ("勿扰", "中午、晚上", "中午、晚上"),
        ("黑名单", "全天", "refused"),
        ("方便接听时间", "19点以后", "19点以后"),
        ("方便接听时间", "", ""),
        ("商品", "午休勿扰", ""),
    ],
)
def test_columns_of_hours_and_hours_in_columns_of_yes_and_no(heading: str, cell: str, wish: str) -> None:
    assert judged(heading, cell) == wish


def test_a_note_beside_the_number_is_read_alike() -> None:
    rows = "13812345678（午休勿扰）\n13912345678（勿扰）\n13712345678（晚上8点后打）\n"
    result = import_contacts(read_table_untrusted(f"手机号\n{rows}".encode(), "a.csv"), ColumnMapping(), "CN", "s", "b")
    assert [(one.row, one.hours_wish) for one in result.accepted] == [(2, "午休勿扰"), (4, "晚上8点后打")]
    assert [one.row for one in result.rejected] == [3]


def test_a_wish_of_a_later_row_of_the_same_number_is_kept() -> None:
    text = "手机号,备注\n13812345678,\n13812345678,午休勿扰\n"
    result = import_contacts(read_table_untrusted(text.encode(), "a.csv"), ColumnMapping(), "CN", "s", "b")
    assert [one.hours_wish for one in result.accepted] == ["午休勿扰"]

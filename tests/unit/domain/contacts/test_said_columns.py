"""Columns in which a list says that somebody is not to be called, under the headings that systems and clerks give them:
what says no is obeyed, and what only sounds like it rejects nobody."""

import csv
import io

import pytest

from baitie.domain.contacts import ColumnMapping, import_contacts, read_table_untrusted
from baitie.domain.contacts.reasons import RejectReason

REMARKS = (
    *(
        "备注1",
        "备注信息",
        "客户反馈",
        "回访记录",
        "沟通记录",
        "跟进情况",
        "客户意愿",
        "特殊要求",
        "注意事项",
        "批注",
        "订单备注",
    ),
    *("Call Notes", "Agent Notes", "Memo", "Feedback", "Customer Comments", "Special Instructions"),
)
OUTCOMES = (
    *("回访结果", "沟通结果", "外呼结果", "上次联系结果", "联系状态", "会员状态", "营销状态"),
    *("Call Result", "Last Call Result", "Disposition", "Call Status", "Lead Status", "Outcome"),
)
AGAINST = (
    *(
        "勿打标记",
        "禁呼标识",
        "免打扰标志",
        "黑名单标识",
        "是否加入黑名单",
        "拒绝营销标识",
        "客户拒绝",
        "拒绝联系",
        "不要联系",
        "请勿联系",
    ),
    *(
        "谢绝来电",
        "退订时间",
        "退订原因",
        "禁止营销",
        "DNC Flag",
        "Do Not Call List",
        "Do-not-call (Y/N)",
        "Opt out date",
        "Is Blocked",
    ),
)
FOR = (
    *(
        "是否可联系",
        "可否致电",
        "是否同意来电",
        "允许来电",
        "接受营销",
        "营销许可",
        "同意联系",
        "是否愿意接听",
        "电话营销授权",
    ),
    *("Marketing Consent", "Opt-in", "Call Permission", "May we call?", "Can call", "Consent", "Allow calls"),
)
ELSEWHERE = (
    *(
        "邮件退订",
        "短信免打扰",
        "拒绝短信",
        "Do not email",
        "Email opt out",
        "SMS consent",
        "是否已联系",
        "是否回访",
        "是否接听",
    ),
    *("是否外呼", "拒接次数", "退订次数", "商品说明", "授权联系人", "Percentage", "投保状况"),
)


def reason_of(heading: str, value: str) -> RejectReason | None:
    """Why a row with this in a further column is rejected; `None` where it is not."""
    file = io.StringIO()
    csv.writer(file).writerows(
        [["手机号", "姓名", heading], ["13812345678", "王芳", value], ["13912345678", "李娜", ""]]
    )
    table = read_table_untrusted(file.getvalue().encode(), "list.csv")
    result = import_contacts(table, ColumnMapping(), "CN", "订单", "合同")
    assert any(one.row == 3 for one in result.accepted), "a blank says nothing"
    return result.rejected[0].reason if result.rejected else None


@pytest.mark.parametrize("heading", [*REMARKS, *OUTCOMES])
@pytest.mark.parametrize(
    "remark", ["客户说不要再打电话了", "do not call again", "本人已故", "打错了，不认识", "wrong number"]
)
def test_a_remark_under_any_heading_for_remarks_is_obeyed(heading: str, remark: str) -> None:
    assert reason_of(heading, remark) is RejectReason.CALL_FORBIDDEN


@pytest.mark.parametrize("heading", [*REMARKS, *OUTCOMES])
@pytest.mark.parametrize(
    "remark", ["无人接听", "有意向，下周再联系", "接通", "打错单号已改", "interested, call back", "满意"]
)
def test_other_remarks_reject_nobody(heading: str, remark: str) -> None:
    assert reason_of(heading, remark) is None


@pytest.mark.parametrize("heading", OUTCOMES)
def test_a_call_that_was_rejected_is_an_outcome_and_no_refusal(heading: str) -> None:
    assert reason_of(heading, "用户拒接") is None
    assert reason_of(heading, "拒接，并要求不再致电：请勿再打") is RejectReason.CALL_FORBIDDEN
    assert reason_of("备注", "拒接") is RejectReason.CALL_FORBIDDEN


@pytest.mark.parametrize("heading", AGAINST)
@pytest.mark.parametrize(
    "value", ["是", "Y", "1", "true", "✓", "2026-01-31", "未知", "不在家也勿打", "no, do not call"]
)
def test_a_yes_against_calls_is_obeyed_and_so_is_what_nobody_can_read(heading: str, value: str) -> None:
    assert reason_of(heading, value) is RejectReason.CALL_FORBIDDEN


@pytest.mark.parametrize("heading", AGAINST)
@pytest.mark.parametrize(
    "value", ["否", "N", "0", "false", "未退订", "不在黑名单", "正常", "N/A", "（空）", "not opted out", "No (default)"]
)
def test_a_no_against_calls_rejects_nobody(heading: str, value: str) -> None:
    assert reason_of(heading, value) is None


@pytest.mark.parametrize("heading", FOR)
@pytest.mark.parametrize(
    "value", ["否", "不同意", "未授权", "拒绝", "N", "No", "0", "FALSE", "×", "withdrawn", "不要打电话"]
)
def test_a_no_to_being_called_is_obeyed(heading: str, value: str) -> None:
    assert reason_of(heading, value) is RejectReason.CALL_FORBIDDEN


@pytest.mark.parametrize("heading", FOR)
@pytest.mark.parametrize("value", ["是", "同意", "Yes", "1", "true", "未知", "不详", "-", "无", "N/A", "2026-01-31"])
def test_a_yes_to_being_called_and_what_is_unknown_reject_nobody(heading: str, value: str) -> None:
    assert reason_of(heading, value) is None


@pytest.mark.parametrize("heading", ELSEWHERE)
@pytest.mark.parametrize("value", ["是", "否", "Y", "N", "3", "0"])
def test_columns_about_something_else_reject_nobody(heading: str, value: str) -> None:
    assert reason_of(heading, value) is None


@pytest.mark.parametrize("heading", ["可致电时间", "方便接电话的时段", "Can call hours"])
def test_hours_under_any_such_heading_are_a_wish(heading: str) -> None:
    assert reason_of(heading, "19:00-20:30") is None
    assert reason_of(heading, "不限") is None

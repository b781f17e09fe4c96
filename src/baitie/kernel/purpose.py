"""What a call is for, and what kind of number is called."""

from enum import StrEnum


class Purpose(StrEnum):
    """Purpose (用途) of a call: decides which rules apply and what a name card may say."""

    ACQUISITION = "acquisition"  # 拓客
    RISK_WARNING = "risk_warning"  # 风险预警
    CARE = "care"  # 客户维护, 售后回访
    COLLECTION = "collection"  # 合规催收
    INFORMATION = "information"  # 通知、确认
    SURVEY = "survey"  # 调查


class NumberClass(StrEnum):
    """Number class (号码类别): what the numbering plan says of a number."""

    MOBILE = "mobile"
    FIXED = "fixed"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    EMERGENCY = "emergency"
    SHORT = "short"  # service codes such as 10086, 12345, 95xxx
    OTHER = "other"

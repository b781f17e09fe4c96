"""What a call is for, and what kind of number is called."""

from enum import StrEnum


class Purpose(StrEnum):
    """Purpose (外呼目的) of a call: decides which rules apply and what a name card may say."""

    ACQUISITION = "acquisition"  # 营销推广
    RISK_WARNING = "risk_warning"  # 风险预警
    CARE = "care"  # 客户关怀
    COLLECTION = "collection"  # 催收
    INFORMATION = "information"  # 通知确认
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

    @property
    def receives_messages(self) -> bool:
        """Whether a message, such as a name card, reaches such a number: landlines and service numbers show none."""
        return self is NumberClass.MOBILE

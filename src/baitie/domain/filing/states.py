"""The states of a filing as a table: what may follow what. Nothing else decides."""

from enum import StrEnum


class FilingState(StrEnum):
    """State (报备状态) of one filing with one carrier for one channel."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow: who wants to use the same thing again files it again."""
        return not any(state is self for state, _ in TRANSITIONS)


class FilingAct(StrEnum):
    """Act (报备动作) upon a filing."""

    ADD = "add"
    SUBMIT = "submit"
    APPROVE = "approve"
    REFUSE = "refuse"
    EXPIRE = "expire"
    REVOKE = "revoke"


TRANSITIONS = {
    (FilingState.DRAFT, FilingAct.SUBMIT): FilingState.SUBMITTED,
    (FilingState.DRAFT, FilingAct.REVOKE): FilingState.REVOKED,
    (FilingState.SUBMITTED, FilingAct.APPROVE): FilingState.APPROVED,
    (FilingState.SUBMITTED, FilingAct.REFUSE): FilingState.REFUSED,
    (FilingState.SUBMITTED, FilingAct.REVOKE): FilingState.REVOKED,
    (FilingState.APPROVED, FilingAct.EXPIRE): FilingState.EXPIRED,
    (FilingState.APPROVED, FilingAct.REVOKE): FilingState.REVOKED,
}
"""State and act to the next state. `ADD` makes a draft; time alone expires what was approved."""

"""Proof of the journal (审计): signed checkpoints over its chain, bundles for others, and their verification."""

from baitie.domain.audit.anchor import Anchor
from baitie.domain.audit.bundle import (
    LINE_OCTETS_MAX,
    AttachedVerdict,
    AuditItem,
    BundleError,
    BundleHeader,
    in_order,
    read_bundle_untrusted,
    write_bundle,
)
from baitie.domain.audit.chain import JournalRow, RowColumns, row_fault
from baitie.domain.audit.checkpoint import Checkpoint, next_checkpoint
from baitie.domain.audit.faults import AuditFault, AuditFinding, AuditRemarks, AuditVerdict
from baitie.domain.audit.registers import RegisterDifference, RegisterState, RegisterSum
from baitie.domain.audit.remarks import verdict_digest, verdicts_missing
from baitie.domain.audit.signing_keys import SigningKey, VerifySignature, key_id_of, trusted_keys
from baitie.domain.audit.verification import AuditScope, verify_audit

__all__ = [
    "LINE_OCTETS_MAX",
    "Anchor",
    "AttachedVerdict",
    "AuditFault",
    "AuditFinding",
    "AuditItem",
    "AuditRemarks",
    "AuditScope",
    "AuditVerdict",
    "BundleError",
    "BundleHeader",
    "Checkpoint",
    "JournalRow",
    "RegisterDifference",
    "RegisterState",
    "RegisterSum",
    "RowColumns",
    "SigningKey",
    "VerifySignature",
    "in_order",
    "key_id_of",
    "next_checkpoint",
    "read_bundle_untrusted",
    "row_fault",
    "trusted_keys",
    "verdict_digest",
    "verdicts_missing",
    "verify_audit",
    "write_bundle",
]

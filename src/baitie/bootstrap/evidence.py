"""Evidence of the journal as commands need it: keys, checkpoints, bundles, verification, the story of a call."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from baitie.adapters.signing import AnchorFileError, verify_signature
from baitie.adapters.store import SqlStore
from baitie.adapters.store.rows import entry_of
from baitie.app.proof.anchors import Reentered
from baitie.app.proof.attempt_trace import Trace, TraceContext
from baitie.app.proof.attempt_trace import trace as trace_in
from baitie.app.proof.checkpoint_signer import CheckpointSigner, state_key
from baitie.app.proof.evidence_bundle import bundle_of
from baitie.app.proof.start_check import restore_store
from baitie.app.proof.table_audit import table_findings
from baitie.bootstrap.filings import open_book
from baitie.bootstrap.signing_files import anchor_file_of, anchors_of, key_file_of
from baitie.bootstrap.stores import open_existing_store, open_store
from baitie.domain.audit import (
    LINE_OCTETS_MAX,
    AuditScope,
    AuditVerdict,
    BundleError,
    BundleHeader,
    Checkpoint,
    SigningKey,
    in_order,
    read_bundle_untrusted,
    verify_audit,
)
from baitie.files.organisation_settings import OrganisationSettings, zone_of
from baitie.files.problems import SettingsError
from baitie.files.settings_files import load_campaign
from baitie.kernel.errors import InputError, StoreError

VERIFIER_FILE = "verify_bundle.py"


class FileTakenError(InputError):
    """The file exists already. Name another one: nothing is overwritten."""

    code = "audit-file-taken"


@dataclass(frozen=True, slots=True)
class Exported:
    """Exported bundle (导出的审计包): its file, what is in it, and the verifier beside it."""

    bundle: Path
    header: BundleHeader
    octets: int
    verifier: Path | None


def open_checkpoint_signer(settings: OrganisationSettings, store: SqlStore, made_at: datetime) -> CheckpointSigner:
    """The signer of a store; key and statement are made at first use. Raises `SigningKeyError`, `StoreError`."""
    file, keys = key_file_of(settings), store.signing_keys()
    signer = file.signer(keys[-1].public_key if keys else None)
    if not keys:
        try:
            store.keep_signing_key(state_key(signer, settings.enterprise.name, made_at, None, None))
        except StoreError:
            if not store.signing_keys():  # else another process was first, with the key of the same file
                raise
    return CheckpointSigner(
        store,
        signer,
        zone_of(settings),
        anchors_of(settings, store, signer),
        settings.audit.checkpoint_every_s,
        settings.audit.checkpoint_every_entries,
    )


def last_checkpoint(settings: OrganisationSettings) -> Checkpoint | None:
    """The newest checkpoint that is kept; None where nothing was ever signed."""
    with closing(open_existing_store(settings)) as store:
        return store.last_checkpoint()


def make_checkpoint(settings: OrganisationSettings, civil_now: datetime) -> Checkpoint | None:
    """Sign what is not covered yet; None where everything is."""
    with closing(open_existing_store(settings)) as store:
        return open_checkpoint_signer(settings, store, civil_now).sign(civil_now)


def signing_keys(settings: OrganisationSettings, made_at: datetime) -> Sequence[SigningKey]:
    """All public keys of the organisation, the oldest first; the first is made where there is none."""
    with closing(open_store(settings)) as store:
        open_checkpoint_signer(settings, store, made_at)
        return store.signing_keys()


def rotate_key(settings: OrganisationSettings, made_at: datetime, *, is_lost: bool) -> SigningKey:
    """Begin a fresh key. The one in force signs a last checkpoint and the fresh key's statement, unless it is lost."""
    file = key_file_of(settings)
    with closing(open_existing_store(settings)) as store:
        endorser = None
        if not is_lost:
            checkpoint_signer = open_checkpoint_signer(settings, store, made_at)
            checkpoint_signer.sign(made_at)
            endorser = checkpoint_signer.signer
        known = store.signing_keys()
        fresh = file.prepare_next()
        key = state_key(fresh, settings.enterprise.name, made_at, known[-1] if known else None, endorser)
        store.keep_signing_key(key)
        file.take_next()
        anchors_of(settings, store, fresh).sign_anew()
    return key


def restore(settings: OrganisationSettings, civil_now: datetime, actor: str, reason: str) -> Reentered:
    """Take the store as it is after a back-up, and enter again what was kept beside the key. Raises `BusyError`."""
    with closing(open_existing_store(settings)) as store:
        store.acquire_ownership("audit restore")  # no dialler may go on from what is about to change
        checkpoint_signer = open_checkpoint_signer(settings, store, civil_now)
        assert checkpoint_signer.anchors is not None
        done = restore_store(checkpoint_signer.anchors, civil_now, actor, reason, entry_of)
        checkpoint_signer.sign(civil_now)
    return done


# Verification


def verify_store(
    settings: OrganisationSettings, pinned: Collection[str] = (), anchors: Mapping[int, str] | None = None
) -> AuditVerdict:
    """Check the whole journal in the store, and its tables against it. Where the signing key's file is at hand, its key
    is trusted besides; where there is an anchor beside it, the journal must reach it."""
    with closing(open_existing_store(settings)) as store:
        keys = store.signing_keys()
        file = key_file_of(settings)
        own = {file.signer().public_key} if file.exists() else set()
        noted = {**_anchor_beside(settings), **(anchors or {})}
        scope = AuditScope(keys=keys, pinned={*pinned, *own}, anchors=noted)
        checkpoints = store.checkpoints()  # before the rows: what is signed meanwhile speaks of rows not read
        verdict = verify_audit(scope, in_order(store.journal_rows(), checkpoints), verify_signature)
        return verdict.with_findings(table_findings(store))


def _anchor_beside(settings: OrganisationSettings) -> dict[int, str]:
    """The place and hash that are kept beside the signing key; nothing where they cannot be read."""
    try:
        anchor = anchor_file_of(settings).read()
    except AnchorFileError:
        return {}
    return {} if anchor is None or anchor.seq == 0 else {anchor.seq: anchor.hash}


def verify_bundle(
    file: Path, pinned: Collection[str] = (), anchors: Mapping[int, str] | None = None
) -> tuple[BundleHeader, AuditVerdict]:
    """Check a bundle. Raises `BundleError` where it is no bundle."""
    with _open(file) as stream:
        header, items = read_bundle_untrusted(iter(partial(stream.readline, LINE_OCTETS_MAX + 1), b""))
        return header, verify_audit(AuditScope.of_bundle(header, pinned, anchors), items, verify_signature)


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise BundleError(file=file.name, cause=error.strerror) from error


# Export


def export_bundle(
    settings: OrganisationSettings,
    target: Path,
    made_at: datetime,
    *,
    time_from: datetime | None = None,
    time_until: datetime | None = None,
    with_verifier: bool = False,
) -> Exported:
    """Write a bundle of the entries of a time, or of all; up to the checkpoint that covers the last of them.

    Raises `NothingToProveError`, `FileTakenError`, `NoStoreError`.
    """
    with closing(open_existing_store(settings)) as store:
        header, lines = bundle_of(store, settings.enterprise.name, made_at, time_from, time_until)
        octets = _write_new(target, lines)
    verifier = None
    if with_verifier:
        verifier = target.with_name(VERIFIER_FILE)
        if not verifier.exists() or verifier.read_text("utf-8") != verifier_text():
            _write_new(verifier, [verifier_text().encode()])
    return Exported(target, header, octets, verifier)


def verifier_text() -> str:
    """The stand-alone verifier, as shipped."""
    return resources.files("baitie").joinpath("verifier", VERIFIER_FILE).read_text("utf-8")


def _write_new(target: Path, lines: Iterator[bytes] | Sequence[bytes]) -> int:
    part = target.with_name(f".{target.name}.part")
    if target.exists():
        raise FileTakenError(file=target.name)
    try:
        with part.open("wb") as stream:
            octets = sum(stream.write(line) for line in lines)
        part.replace(target)
    except OSError as error:
        raise FileTakenError(
            "The file cannot be written. Name a place with space that you may write to.", file=target.name
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return octets


# The story of one call


def trace(settings: OrganisationSettings, part: str, folder: Path, environ: Mapping[str, str]) -> Trace:
    """The story of an attempt, found as `attempt_trace.trace` finds it, with what the campaign in `folder` says of it.

    Raises `AttemptUnknownError`, `AttemptAmbiguousError`, `NoStoreError`.
    """
    with closing(open_existing_store(settings)) as store:
        return trace_in(store, part, _context(settings, folder, environ))


def _context(settings: OrganisationSettings, folder: Path, environ: Mapping[str, str]) -> TraceContext:
    """Of the campaign only where the folder is one that can be read: the story needs little of it."""
    region, zone = settings.enterprise.default_region, zone_of(settings)
    filings = tuple(open_book(settings).read().filings.values())
    try:
        campaign = load_campaign(folder, environ).settings
    except SettingsError:
        return TraceContext(region, zone, filings)
    recordings = campaign.recording.folder
    return TraceContext(
        region, zone, filings, campaign.dialing.short_call_max_s, lambda name: (recordings / name).exists()
    )

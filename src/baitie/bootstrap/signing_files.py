"""The anchor beside the signing key, as runs, registers and commands keep it and hold the store against it."""

import contextlib
from datetime import datetime

from baitie.adapters.signing import AnchorFile, KeyFile, verify_signature
from baitie.adapters.store import SqlStore
from baitie.app.ports.signing import Signer
from baitie.app.proof.anchors import Anchors
from baitie.files.organisation_settings import OrganisationSettings
from baitie.kernel.errors import BaitieError


def key_file_of(settings: OrganisationSettings) -> KeyFile:
    """The signing key's file: beside the store's key, `baitie.key` and `baitie.signing.key`."""
    beside = settings.store.key_file
    return KeyFile(beside.with_name(f"{beside.stem}.signing{beside.suffix}"))


def anchor_file_of(settings: OrganisationSettings) -> AnchorFile:
    """The anchor's file: beside the store's key, `baitie.key` and `baitie.anchor.json`."""
    beside = settings.store.key_file
    return AnchorFile(beside.with_name(f"{beside.stem}.anchor.json"))


def anchors_of(settings: OrganisationSettings, store: SqlStore, signer: Signer) -> Anchors:
    """The keeper of the anchor. What the key before signed is believed until it is signed anew."""
    own = [key for key in store.signing_keys() if key.public_key == signer.public_key]
    before = [key.previous_key for key in own if key.previous_key is not None]
    return Anchors(store, signer, anchor_file_of(settings), (signer.public_key, *before), verify_signature)


def note_anchor(settings: OrganisationSettings, store: SqlStore, civil_now: datetime) -> None:
    """Anchor what was just entered, where a run has begun an anchor and this process may read the key.

    Where it may not, the dialler does it within seconds, or the next run.
    """
    file = anchor_file_of(settings)
    if not file.path.exists():
        return
    keys = store.signing_keys()
    with contextlib.suppress(BaitieError, OSError):
        signer = key_file_of(settings).signer(keys[-1].public_key if keys else None)
        anchors_of(settings, store, signer).note(civil_now)

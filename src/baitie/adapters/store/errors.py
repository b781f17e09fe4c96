"""What may be wrong with a store when it is opened, copied or written; each names the remedy."""

from typing import Any

import sqlalchemy as sa

from baitie.kernel.errors import InputError, Party, StoreError


class SchemaNewerError(InputError):
    """This store was written by a newer Baitie. Install that version or a later one, or open an older backup."""

    code = "store-schema-newer"


class NotAStoreError(InputError):
    """This database holds something other than a Baitie store. Name another file or database."""

    code = "store-foreign"


class SchemaAlteredError(InputError):
    """This database holds what no Baitie store has, such as a trigger, a view or a default: it could take a refusal
    away in the middle of a run. Nothing is opened. Remove it, or put back an older backup."""

    code = "store-schema-altered"


class StoreKeyError(InputError):
    """The key file does not belong to this store. Put back the key file that was made together with the store:
    without it no number can be found."""

    code = "store-key-wrong"


class BackupError(InputError):
    """The backup was not made. Name a file that does not exist yet, in a folder with space."""

    code = "store-backup-failed"


class DamagedProofError(InputError):
    """A checkpoint or signing key in the store is not as it was written: somebody altered it. Compare it with an
    exported bundle or a backup."""

    code = "store-proof-damaged"


class ConflictError(StoreError):
    """Something of this is in the store already, perhaps written by another process meanwhile. Nothing was kept;
    read again and repeat."""

    code = "store-conflict"
    party = Party.ENTERPRISE


def store_error(cause: BaseException, **details: Any) -> StoreError:
    """`StoreError` that tells the cause, without the values that were to be written: they are personal data."""
    below = cause.orig if isinstance(cause, sa.exc.DBAPIError) and cause.orig is not None else cause
    text = str(below).strip().splitlines()
    kind = ConflictError if isinstance(cause, sa.exc.IntegrityError) else StoreError
    error = kind(cause=text[0] if text else type(below).__name__, **details)
    error.__cause__ = cause
    return error

"""The file of the private signing key: made at first use, for its owner's eyes only, replaced when keys change."""

from pathlib import Path

from baitie.adapters.private_files import flush_to_disk, keep_secret
from baitie.adapters.signing.ed25519 import SEED_BYTES, Ed25519Signer, new_seed
from baitie.kernel.errors import InputError


class SigningKeyError(InputError):
    """The signing key's file is missing or does not belong to this store. Put back the file that was made with the
    store; if it is lost, begin a fresh key with `baitie audit rotate --lost`."""

    code = "signing-key-wrong"


class KeyFile:
    """Key file (签名密钥文件). While keys change, the coming key lies beside it under `NAME.next`.

    The store learns of a key before the file gets its name, so that a crash between loses neither: whoever opens the
    file next finds the key that the store names, and finishes the change.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = path.with_name(path.name + ".next")

    def exists(self) -> bool:
        """Whether there is a key."""
        return self.path.exists()

    def signer(self, public_key: str | None = None) -> Ed25519Signer:
        """The key, made where there is none and none is expected; with `public_key` the one that the store names.

        Raises `SigningKeyError`.
        """
        if public_key is None:
            if not self.path.exists():
                keep_secret(self.path, new_seed().hex())  # where another process makes one meanwhile, that is the key
            return self._read(self.path)
        if self.path.exists():
            signer = self._read(self.path)
            if signer.public_key == public_key:
                return signer
        if self._next.exists():
            signer = self._read(self._next)
            if signer.public_key == public_key:
                self.take_next()
                return signer
        raise SigningKeyError(file=self.path.name, cause="another key" if self.path.exists() else "missing")

    def prepare_next(self) -> Ed25519Signer:
        """A fresh key, kept beside the one in force until `take_next`."""
        self._next.unlink(missing_ok=True)  # of a change that never reached the store
        keep_secret(self._next, new_seed().hex())
        return self._read(self._next)

    def take_next(self) -> None:
        """Put the prepared key in force; the one before is gone for good."""
        self._next.replace(self.path)
        flush_to_disk(self.path.parent)

    def _read(self, path: Path) -> Ed25519Signer:
        try:
            seed = bytes.fromhex(path.read_text("ascii").strip())
            if len(seed) != SEED_BYTES:
                raise ValueError(f"{SEED_BYTES} bytes are expected")
        except (OSError, ValueError) as error:
            raise SigningKeyError(file=path.name, cause=type(error).__name__) from error
        return Ed25519Signer(seed)

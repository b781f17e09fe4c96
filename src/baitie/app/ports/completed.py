"""An awaitable whose end is known already: what a store gives that writes at once."""

from collections.abc import Generator

from baitie.kernel.errors import StoreError


class CompletedAwaitable:
    """An awaitable that has ended already (已定结果), with or without an error; needs no event loop."""

    __slots__ = ("error",)

    def __init__(self, error: StoreError | None = None) -> None:
        self.error = error

    def __await__(self) -> Generator[None, None, None]:
        if self.error is not None:
            raise self.error
        return
        yield

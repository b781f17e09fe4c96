"""A dialler process that owns a store and commits without end, telling each batch that was acknowledged.

Run as a script: TARGET KEY_FILE INLINE(0|1). Prints `owner`, then the number of each batch once it is durable.
"""

import asyncio
import sys
from pathlib import Path

from tests.contract.store import samples

from baitie.adapters.store import SqlStore

WAITERS = 16


async def commit_for_ever(store: SqlStore) -> None:
    async def one(first: int) -> None:
        for n in range(first, 10**9, WAITERS):
            await store.commit(samples.batch(n))
            print(n, flush=True)
            await asyncio.sleep(0)

    await asyncio.gather(*[one(n) for n in range(WAITERS)])


if __name__ == "__main__":
    target, key_file, inline = sys.argv[1:]
    opened = SqlStore(target, Path(key_file), inline=inline == "1")
    opened.acquire_ownership("child")
    print("owner", flush=True)
    asyncio.run(commit_for_ever(opened))

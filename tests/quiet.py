"""Time in which nothing more may come: let pass where time is virtual, and never waited for where it is real."""

import asyncio

from baitie.rehearsal.virtual_time import VirtualLoop


async def quiet(seconds: float) -> None:
    """Let virtual time pass in which something too much would come.

    On a real loop nothing is waited for: what a contract says there is judged when the gateway has closed.
    """
    if isinstance(asyncio.get_running_loop(), VirtualLoop):
        await asyncio.sleep(seconds)

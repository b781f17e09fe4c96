"""Offers calls through Asterisk: originate by ARI, its requests and its events on one WebSocket.

Environment: ARI_PORT and ARI_USER (its password is the same word).
"""

from __future__ import annotations

import asyncio
import json
import os
import time

import uvloop
import websockets
from tally import Order, Tally, order_from_arguments

GIVE_UP_S = 15.0
APPLICATION = "benchmark"


class Caller:
    """Originates the ordered calls and hangs each up when it enters the application."""

    def __init__(self, order: Order, connection: websockets.ClientConnection) -> None:
        self.order = order
        self.connection = connection
        self.open: dict[str, float] = {}
        self.ended = 0
        self.tally = Tally()

    async def request(self, number: str, method: str, uri: str, **query: str) -> None:
        message = {
            "type": "RESTRequest",
            "transaction_id": number,
            "request_id": f"{method} {number}",
            "method": method,
            "uri": uri,
            "query_strings": [{"name": name, "value": value} for name, value in query.items()],
        }
        await self.connection.send(json.dumps(message))

    async def place(self) -> None:
        begin = time.monotonic()
        for number in range(self.order.calls):
            wait_s = begin + number / self.order.calls_per_s - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            name = f"call-{number}"
            self.open[name] = time.monotonic()
            self.tally.placed += 1
            endpoint = f"PJSIP/us/sip:callee@{self.order.host}:{self.order.port}"
            await self.request(name, "POST", f"channels/{name}", endpoint=endpoint, app=APPLICATION)

    async def listen(self) -> None:
        while self.ended + self.tally.failed < self.order.calls:
            event = json.loads(await self.connection.recv())
            name = event.get("channel", {}).get("id", "")
            if event["type"] == "StasisStart":
                self.tally.take_answer(time.monotonic() - self.open[name])
                await self.request(name, "DELETE", f"channels/{name}")
            elif event["type"] == "ChannelDestroyed":
                self.ended += 1
            elif event["type"] == "RESTResponse" and event["status_code"] >= 400:
                self.tally.failed += event["request_id"].startswith("POST")


async def main(order: Order) -> None:
    user = os.environ["ARI_USER"]
    address = f"ws://127.0.0.1:{os.environ['ARI_PORT']}/ari/events?app={APPLICATION}&api_key={user}:{user}"
    async with websockets.connect(address, max_queue=None) as connection:
        caller = Caller(order, connection)
        placing = asyncio.create_task(caller.place())
        try:
            async with asyncio.timeout(order.calls / order.calls_per_s + GIVE_UP_S):
                await caller.listen()
        except TimeoutError:
            caller.tally.failed = order.calls - caller.tally.answered
        placing.cancel()
        caller.tally.say()


if __name__ == "__main__":
    uvloop.run(main(order_from_arguments()))

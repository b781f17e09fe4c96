"""Sends cards with smpplib and waits for their receipts: PORT CARDS. One JSON line: cards, CPU s, elapsed s."""

import json
import sys
import time
from typing import Any

import smpplib.client

PORT, CARDS = int(sys.argv[1]), int(sys.argv[2])
WINDOW = 32
TEXT = "【某某保险】将就车险报案(尾号0371)回访,约2分钟。核验码3917,勿告知他人".encode("utf-16-be")
answered = receipted = sent = 0


def on_answer(pdu: Any) -> None:
    global answered
    answered += 1


def on_receipt(pdu: Any) -> int:
    global receipted
    receipted += 1
    return 0


client = smpplib.client.Client("127.0.0.1", PORT, timeout=10, allow_unknown_opt_params=True)
client.logger.disabled = True
client.set_message_sent_handler(on_answer)
client.set_message_received_handler(on_receipt)
client.connect()
client.bind_transceiver(system_id="bench", password="bench")
begun, cpu = time.monotonic(), time.process_time()
while receipted < CARDS:
    while sent < CARDS and sent - answered < WINDOW:
        client.send_message(
            source_addr="10690001",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="8613812345678",
            short_message=TEXT,
            data_coding=0x18,
            registered_delivery=1,
            validity_period="000000000030000R",
        )
        sent += 1
    client.read_once()
print(json.dumps({"cards": CARDS, "cpu_s": time.process_time() - cpu, "elapsed_s": time.monotonic() - begun}))
client.unbind()
client.disconnect()

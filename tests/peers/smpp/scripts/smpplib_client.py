"""A client on smpplib. Arguments: port, count of messages, data_coding. One JSON object a line on stdout."""

import json
import sys
from typing import Any

import smpplib.client
import smpplib.consts
import smpplib.exceptions

PORT, COUNT, DATA_CODING = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3], 16)
TEXT = "【某某保险】将就车险报案回访".encode("utf-16-be") if DATA_CODING & 8 else b"Acme calls you"
answered: list[int] = []
delivered: list[bytes] = []


def say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def on_answer(pdu: Any) -> None:
    answered.append(pdu.status)
    say(answer=pdu.status, message_id=pdu.message_id.decode() if pdu.message_id else None)


def on_delivered(pdu: Any) -> int:
    delivered.append(pdu.short_message)
    state = getattr(pdu, "message_state", None)
    receipted = getattr(pdu, "receipted_message_id", None)
    say(
        delivered=pdu.short_message.decode("latin-1"),
        esm_class=pdu.esm_class,
        state=state,
        receipted=receipted.decode() if receipted else None,
    )
    return smpplib.consts.SMPP_ESME_ROK


client = smpplib.client.Client("127.0.0.1", PORT, timeout=5, allow_unknown_opt_params=True)
client.set_message_sent_handler(on_answer)
client.set_message_received_handler(on_delivered)
client.set_error_pdu_handler(lambda pdu: None)  # the handler of answers hears of refusals as well
client.connect()
try:
    client.bind_transceiver(system_id="baitie", password="secret")
except smpplib.exceptions.PDUError as error:
    say(bind_error=error.args[1])
    sys.exit(1)
for _ in range(COUNT):
    client.send_message(
        source_addr_ton=0,
        source_addr_npi=1,
        source_addr="10690001",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="8613812345678",
        short_message=TEXT,
        data_coding=DATA_CODING,
        registered_delivery=1,
        validity_period="000000000030000R",
    )
wanted = COUNT
while len(answered) < COUNT or len(delivered) < wanted:
    client.read_once(ignore_error_codes=range(1, 0x500))
    wanted = sum(1 for status in answered if status == 0)
client.unbind()
client.disconnect()
say(done=True)

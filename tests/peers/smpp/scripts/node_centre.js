// A message centre on npm `smpp`. Arguments: path of the package, manner. One JSON object a line on stdout.
// Manners: plain, throttle (the first three), drop (the connection, once, in place of an answer), doubled (receipts),
// never (receipts), late (receipts after 1 s), early (receipts before the answer), decimal (ids in receipts), silent,
// unmarked (receipts with esm_class 0 that quote the card), textonly (the same without optional parameters, words
// written out), lean (the same with optional parameters alone), utf16le (receipts in UTF-16 of the wrong order).
// A line on stdin is a reply of a handset in UCS-2; a line `hex CODING OCTETS` one in these octets.
const smpp = require(process.argv[2]);
const manner = process.argv[3];

const say = (fact) => process.stdout.write(JSON.stringify(fact) + '\n');
const unmarked = ['unmarked', 'textonly', 'lean', 'utf16le'];
let submits = 0;
let throttled = 0;
let dropped = false;

function receiptFor(pdu, id) {
  const written = manner === 'decimal' ? String(parseInt(id, 16)) : id;
  const receipt = {
    source_addr_ton: 1, source_addr_npi: 1, source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr, esm_class: unmarked.includes(manner) ? 0 : 4,
    short_message: { message: `id:${written} sub:001 dlvrd:001 submit date:2611231700 done date:2611231701 stat:DELIVRD err:000 text:` },
  };
  if (unmarked.includes(manner)) {
    receipt.short_message.message += 'To unsubscribe reply STOP';
  }
  if (manner === 'textonly') {
    receipt.short_message.message = receipt.short_message.message.replace('DELIVRD', 'DELIVERED').replace(id, id.toUpperCase());
  }
  if (manner === 'lean') receipt.short_message = '';
  if (manner === 'utf16le') {
    receipt.short_message = Buffer.from(receipt.short_message.message, 'utf16le');
    receipt.data_coding = 8;
  }
  if (manner !== 'decimal' && manner !== 'textonly' && manner !== 'utf16le') {
    receipt.receipted_message_id = id;
    receipt.message_state = 2;
  }
  return receipt;
}

function receipts(session, pdu, id) {
  if (manner === 'never') return;
  const times = manner === 'doubled' ? 3 : 1;
  for (let n = 0; n < times; n += 1) {
    session.deliver_sm(receiptFor(pdu, id), (answer) => say({ receiptAnswered: answer.command_status }));
  }
}

function onSubmit(session, pdu) {
  if (manner === 'silent') return;
  if (manner === 'throttle' && throttled < 3) {
    throttled += 1;
    session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    return;
  }
  if (manner === 'drop' && !dropped) {
    dropped = true;
    session.destroy();
    return;
  }
  submits += 1;
  const id = (0xa0 + submits).toString(16).padStart(8, '0');
  if (manner === 'early') receipts(session, pdu, id);
  session.send(pdu.response({ message_id: id }));
  if (manner === 'late') setTimeout(() => receipts(session, pdu, id), 1000);
  else if (manner !== 'early') receipts(session, pdu, id);
}

const server = smpp.createServer((session) => {
  session.socket.on('data', (chunk) => say({ raw: chunk.toString('hex') }));
  session.on('error', () => {});
  session.on('bind_transceiver', (pdu) => {
    const right = pdu.system_id === 'baitie' && pdu.password === 'secret';
    session.send(pdu.response({ system_id: 'node', command_status: right ? 0 : smpp.ESME_RINVPASWD }));
    say({ bound: right });
  });
  session.on('submit_sm', (pdu) => {
    say({ submit: pdu.destination_addr, dataCoding: pdu.data_coding, validity: String(pdu.validity_period), text: pdu.short_message.message });
    onSubmit(session, pdu);
  });
  session.on('enquire_link', (pdu) => { say({ enquired: true }); session.send(pdu.response()); });
  session.on('unbind', (pdu) => { say({ unbound: true }); session.send(pdu.response()); session.close(); });
});

process.stdin.on('data', (line) => {
  const [word, coding, octets] = line.toString().trim().split(' ');
  const said = word === 'hex'
    ? { data_coding: Number(coding), short_message: Buffer.from(octets, 'hex') }
    : { data_coding: 8, short_message: { message: line.toString().trim() } };
  for (const session of server.sessions) {
    session.deliver_sm({
      source_addr_ton: 1, source_addr_npi: 1, source_addr: '8613812345678', destination_addr: '10690001', ...said,
    }, (answer) => say({ replyAnswered: answer.command_status }));
  }
});
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));

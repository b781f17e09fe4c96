# A message centre on Net::SMPP. Serves one connection after the other; one JSON object a line on stdout.
# Arguments: none, or `replying`: receipts are then unmarked and in words written out, and each card is answered by the
# octets 90 00 8b a2 (an opt-out in UTF-16) in the wrong order.
use strict;
use warnings;
use Net::SMPP;

$| = 1;
my $replies = @ARGV && $ARGV[0] eq 'replying';
my $word = $replies ? 'DELIVERED' : 'DELIVRD';
my $quote = $replies ? 'To unsubscribe reply STOP' : '';
my $listener = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "cannot listen: $!";
printf "{\"port\": %d}\n", $listener->sockport;
my $count = 0;
while (my $peer = $listener->accept) {
    while (my $pdu = $peer->read_pdu) {
        printf "{\"command\": %d, \"raw\": \"%s\"}\n", $pdu->{cmd}, unpack('H*', $pdu->{data});
        if ($pdu->{cmd} == Net::SMPP::CMD_bind_transceiver) {
            my $right = $pdu->{system_id} eq 'baitie' && $pdu->{password} eq 'secret';
            $peer->bind_transceiver_resp(seq => $pdu->{seq}, system_id => 'perl', status => $right ? 0 : 0x0E);
        }
        elsif ($pdu->{cmd} == Net::SMPP::CMD_submit_sm) {
            my $id = sprintf('p%05d', ++$count);
            printf "{\"submit\": \"%s\", \"dataCoding\": %d, \"validity\": \"%s\", \"text\": \"%s\"}\n",
                $pdu->{destination_addr}, $pdu->{data_coding}, $pdu->{validity_period}, unpack('H*', $pdu->{short_message});
            $peer->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
            $peer->deliver_sm(
                async => 1, seq => 1000 + $count, esm_class => $replies ? 0 : 4, source_addr => $pdu->{destination_addr},
                destination_addr => $pdu->{source_addr}, short_message =>
                    "id:$id sub:001 dlvrd:001 submit date:2611231700 done date:2611231701 stat:$word err:000 text:$quote",
            );
            $peer->deliver_sm(
                async => 1, seq => 2000 + $count, source_addr => $pdu->{destination_addr}, data_coding => 8,
                source_addr_ton => 1, source_addr_npi => 1,
                destination_addr => $pdu->{source_addr}, short_message => pack('H*', '0090a28b'),
            ) if $replies;
        }
        elsif ($pdu->{cmd} == Net::SMPP::CMD_enquire_link) {
            $peer->enquire_link_resp(seq => $pdu->{seq});
        }
        elsif ($pdu->{cmd} == Net::SMPP::CMD_unbind) {
            $peer->unbind_resp(seq => $pdu->{seq});
            last;
        }
    }
    $peer->close;
}

"""Messages in the manner of RFC 4475: valid ones that look wrong, and wrong ones that look valid."""

VALID: dict[str, bytes] = {}
"""Odd but correct messages (RFC 4475 §3.1.1): each must be read."""

VALID["3.1.1.1 short tortuous INVITE"] = (
    b"INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    b"TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    b'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
    b"MaX-fOrWaRdS: 0068\r\n"
    b"Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    b"Content-Length   : 150\r\n"
    b"cseq: 0009\r\n  INVITE\r\n"
    b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
    b"s :\r\n"
    b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    b"UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    b"Content-Type: application/sdp\r\n"
    b"Route:\r\n <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    b"v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
    b"  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
    b'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n'
    b"  secondparam ; q = 0.33\r\n"
    b"\r\n" + b"v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
    b"m=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"
)
VALID["3.1.1.2 wide range of characters"] = (
    b"!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:"
    b"&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\r\n"
    b'To: "BEL:\\\x07 NUL:\\\x01 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)&isn\'t+it$/crazy?,/;;*@example.com>\r\n'
    b"From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="
    b'"\xd1\x80\xd0\xb0\xd0\xb1\xd0\xbe\xd1\x82\xd0\xb0\xd1\x8e\xd1\x89\xd0\xb8\xd0\xb9";tag=_token~1\'+`*%!-.\r\n'
    b"Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
    b"CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\nMax-Forwards: 255\r\n"
    b"extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\r\nContent-Length: 0\r\n\r\n"
)
VALID["3.1.1.3 percent escapes"] = (
    b"INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\r\n"
    b"To: sip:%75se%72@example.com\r\nFrom: <sip:I%20have%20spaces@example.net>;tag=938\r\n"
    b"Max-Forwards: 87\r\ni: esc01.239409asdfakjkn23onasd0-3234\r\nCSeq: 234234 INVITE\r\n"
    b"Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw\r\nC: application/sdp\r\n"
    b"Contact:\r\n  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>\r\nContent-Length: 5\r\n\r\nv=0\r\n"
)
VALID["3.1.1.6 no space between display name and bracket"] = (
    b"OPTIONS sip:user@example.com SIP/2.0\r\nTo: sip:user@example.com\r\n"
    b"From: caller<sip:caller@example.com>;tag=323\r\nMax-Forwards: 70\r\nCall-ID: lwsdisp.1@funky.example.com\r\n"
    b"CSeq: 60 OPTIONS\r\nVia: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw\r\nl: 0\r\n\r\n"
)
VALID["3.1.1.8 extra octets behind the body length"] = (
    b"REGISTER sip:example.com SIP/2.0\r\nTo: sip:j.user@example.com\r\nFrom: sip:j.user@example.com;tag=43251\r\n"
    b"Max-Forwards: 8\r\nI: dblreq.0ha0isndaksdj99sdfafnl3lk233412\r\nContact: sip:j.user@host.example.com\r\n"
    b"CSeq: 8 REGISTER\r\nVia: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492\r\nContent-Length: 0\r\n\r\n"
    b"INVITE sip:joe@example.com SIP/2.0\r\n"
)
VALID["3.1.1.9 semicolon in the user part"] = (
    b"OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\r\nTo: sip:j_user@example.com\r\n"
    b"From: sip:caller@example.org;tag=33242\r\nMax-Forwards: 3\r\nCall-ID: semiuri.0ha0isndaksdj\r\n"
    b"CSeq: 8 OPTIONS\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw\r\nl:0\r\n\r\n"
)
VALID["3.1.1.12 reason phrase with many scripts"] = (
    b"SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923\r\nCall-ID: unreason.1234ksdfak3j2erwedfsASdf\r\n"
    b"CSeq: 35 INVITE\r\nFrom: sip:user@example.com;tag=11141343\r\nTo: sip:user@example.edu;tag=2229\r\n"
    b"Content-Length: 0\r\nContact: <sip:user@host198.example.com>\r\n\r\n"
)
VALID["3.1.1.13 empty reason phrase"] = (
    b"SIP/2.0 100 \r\nVia: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe\r\nCall-ID: noreason.asndj203\r\n"
    b"CSeq: 35 INVITE\r\nFrom: <sip:user@example.com>;tag=39ansfi3\r\nTo: <sip:user@example.edu>;tag=902jndnke3\r\n"
    b"Content-Length: 0\r\n\r\n"
)
VALID["bytes that are not UTF-8"] = (
    b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKq\r\nFrom: \xff <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
    b"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nSubject: \x80\x81\r\n\r\n"
)

UNREADABLE: dict[str, bytes] = {
    "3.1.2.2 content length larger than the message": VALID["3.1.1.3 percent escapes"].replace(b"h: 5", b"h: 9999"),
    "3.1.2.3 negative content length": VALID["3.1.1.3 percent escapes"].replace(b"h: 5", b"h: -999"),
    "3.1.2.8 spaces inside the request line": b"INVITE  sip:user@example.com  SIP/2.0\r\nl: 0\r\n\r\n",
    "3.1.2.9 request URI with a space": b"INVITE sip:user@example.com; lr SIP/2.0\r\nl: 0\r\n\r\n",
    "3.1.2.10 extra words in the request line": b"OPTIONS sip:remote-target@example.com SIP/2.0 \r\nl: 0\r\n\r\n",
    "3.1.2.19 response status above 699": b"SIP/2.0 4294967301 better not break the receiver\r\nl: 0\r\n\r\n",
    "3.3.8 two values where one may stand": VALID["3.1.1.3 percent escapes"].replace(b"CSeq", b"CSeq: 1 A\r\nCSeq"),
    "no header end": b"OPTIONS sip:a@b SIP/2.0\r\nl: 0\r\n",
    "bare line feed": b"OPTIONS sip:a@b SIP/2.0\nVia: x\r\nl: 0\r\n\r\n",
    "no colon": b"OPTIONS sip:a@b SIP/2.0\r\nVia\r\n\r\n",
    "header name with a space": b"OPTIONS sip:a@b SIP/2.0\r\nV ia: x\r\n\r\n",
    "nothing": b"",
    "only line ends": b"\r\n\r\n\r\n\r\n",
    "status of two digits": b"SIP/2.0 99 x\r\n\r\n",
    "status with a sign": b"SIP/2.0 +99 x\r\n\r\n",
    "NUL": b"OPTIONS sip:a@b SIP/2.0\r\nSubject: a\x00b\r\n\r\n",
    "too many lines": b"OPTIONS sip:a@b SIP/2.0\r\n" + b"A: b\r\n" * 300 + b"\r\n",
    "too large": b"OPTIONS sip:a@b SIP/2.0\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
}  # fmt: skip
"""What must be refused with `SipParseError` at once."""

"""Every text that the octets of a reply may be: centres and handsets do not write what data_coding says.

A reply may be a refusal, and a refusal that is not understood is a promise broken. So nothing is decided here beyond
which reading is the likeliest: all of them are handed on, and each is asked.
"""

from collections.abc import Iterator
from typing import Final

from baitie.kernel.sms_text import SmsTextError, decode_gsm7_untrusted, has_impossible, is_ordinary_text, legibility
from baitie.wire.smpp.constants import is_ucs2

READ_OCTETS_MAX: Final = 4096  # far more than anybody writes before a refusal
MEND_OCTETS_MAX: Final = 140  # one segment: in a longer text one octet too many is looked for in front and behind only
_LEGIBLE: Final = 0.7  # of a text read as declared: the octets are what data_coding says
_KNOWN: Final = 0.8  # of a text in which every character is in a national standard
_PLAIN: Final = 0.8  # of a text that somebody wrote in the seven-bit alphabet
_FIRST_EAST_ASIAN: Final = "\u2e80"  # radicals; signs and letters of Europe come before
_LATIN1, _ASCII, _VENDOR_GBK = 0x03, 0x01, 0x0F  # 0x0F: Chinese centres, not in TS 23.038
_CODECS: Final = ("utf-8", "gb18030", "utf-16-be", "utf-16-le", "big5hkscs")
_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))
_MARK_CHAR: Final = "\ufeff"


def readings_untrusted(octets: bytes, data_coding: int) -> tuple[str, ...]:
    """The texts that `octets` may be, likeliest first, each once; at least one. Raises nothing.

    Read are UTF-16 in both orders with and without a mark, GB18030, UTF-8, Big5, the GSM alphabet and its packed form,
    Latin-1; and, where none of them gives an ordinary text, each from the second octet on, and without any one of its
    octets. Characters cut in two become U+FFFD.
    """
    octets = octets[:READ_OCTETS_MAX]
    declared = _declared(octets, data_coding)
    texts = [declared, *_others(octets)]
    is_chinese = any(map(_is_ordinary_chinese, texts))
    far = list(_packed(octets))
    shifted: list[str] = []
    if not (is_chinese or is_ordinary_text(declared) or _is_utf8(octets) or _is_whole_ucs2(octets, data_coding)):
        shifted = [_tolerant(octets[1:], codec) for codec in _CODECS]
        far += [*shifted, *_mended(octets)]
    likely = [text for text in texts if text is declared or text.strip()]
    is_doubtful = is_chinese or legibility(declared) < _LEGIBLE or has_impossible(declared)
    if is_doubtful and not is_ordinary_text(declared):
        likely.sort(key=_likelihood, reverse=True)  # of equals the first stays first
        likely = [*filter(_is_ordinary_chinese, shifted), *likely]
    return tuple(dict.fromkeys((*likely, *far))) or ("",)


def likeliest_reading_untrusted(octets: bytes, data_coding: int) -> str:
    """The first of `readings_untrusted`, found faster where the text is what data_coding says. Raises nothing."""
    declared = _declared(octets[:READ_OCTETS_MAX], data_coding)
    return declared if is_ordinary_text(declared) else readings_untrusted(octets, data_coding)[0]


def _declared(octets: bytes, data_coding: int) -> str:
    """As a mark of the octets or else data_coding says; what does not fit an alphabet of seven bits is Latin-1."""
    for mark, codec in _MARKS:
        if octets.startswith(mark):
            return _tolerant(octets, codec)
    if is_ucs2(data_coding):
        return _tolerant(octets, "utf-16-be")
    if data_coding == _VENDOR_GBK:
        return _tolerant(octets, "gb18030")
    if data_coding not in (_LATIN1, _ASCII):
        try:
            return decode_gsm7_untrusted(octets)
        except SmsTextError:
            pass
    return octets.decode("latin-1")


def _others(octets: bytes) -> Iterator[str]:
    plain = octets.replace(b"\0", b"")
    yield plain.decode("latin-1")
    for codec in _CODECS:
        yield _tolerant(octets, codec)
    if plain.isascii():
        yield decode_gsm7_untrusted(plain)


def _is_ordinary_chinese(text: str) -> bool:
    return len(text) > 1 and max(text) >= _FIRST_EAST_ASIAN and is_ordinary_text(text)


def _likelihood(text: str) -> tuple[bool, bool, float]:
    return _is_ordinary_chinese(text), not has_impossible(text), legibility(text)


def _is_whole_ucs2(octets: bytes, data_coding: int) -> bool:
    """Whether this is UCS-2 as declared, of characters that a national standard has, with no octet too many."""
    is_even = is_ucs2(data_coding) and not len(octets) % 2
    return is_even and legibility(_tolerant(octets, "utf-16-be")) >= _KNOWN


def _is_utf8(octets: bytes) -> bool:
    """Whether this can be nothing else: characters of several octets follow a rule that chance does not keep."""
    try:
        return not octets.decode("utf-8").isascii() and b"\0" not in octets
    except UnicodeDecodeError:
        return False


def _packed(octets: bytes) -> Iterator[str]:
    if len(octets) > MEND_OCTETS_MAX:
        return
    for fill_bits in (0, 1):  # 1: behind a user data header of six octets
        text = _unpacked(octets, fill_bits)
        # Of any octets some letters among signs can be made; nobody writes so.
        if sum(map(str.isalnum, text)) > 2 and sum(map(_is_plain, text)) >= _PLAIN * len(text):
            yield text


def _is_plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in " .,!?'\"-\r\n")


def _mended(octets: bytes) -> Iterator[str]:
    """Without any one octet: one too many puts the codings of several octets a character out of step."""
    if len(octets) > MEND_OCTETS_MAX:
        return
    for index in range(len(octets)):
        rest = octets[:index] + octets[index + 1 :]
        if rest.isascii():
            yield rest.decode("ascii")
        for codec in _CODECS:
            yield _tolerant(rest, codec)


def _tolerant(octets: bytes, codec: str) -> str:
    return octets.decode(codec, "replace").removeprefix(_MARK_CHAR)


def _unpacked(octets: bytes, fill_bits: int) -> str:
    """Septets packed as on the air (TS 23.038 §6.1.2.1); a last septet of zeros only fills up."""
    bits = int.from_bytes(octets, "little") >> fill_bits
    count = max(0, (len(octets) * 8 - fill_bits) // 7)
    septets = bytes([bits >> 7 * index & 0x7F for index in range(count)])
    return decode_gsm7_untrusted(septets.removesuffix(b"\0"))

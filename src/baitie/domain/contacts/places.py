"""Where a person is, as a contact list says: zone, state or province, postal code. Decides where a number does not."""

from bisect import bisect_right
from collections.abc import Callable

from baitie.domain.contacts.area_zones import SAME_CLOCK, ZIP_RUNS

_EASTERN, _CENTRAL, _MOUNTAIN, _PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

STATE_ZONES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("CT", "DC", "DE", "GA", "MA", "MD", "ME", "NC", "NH", "NJ", "NY", "OH", "PA", "RI"), (_EASTERN,)),
    **dict.fromkeys(("SC", "VA", "VT", "WV"), (_EASTERN,)),
    **dict.fromkeys(("AL", "AR", "IA", "IL", "LA", "MN", "MO", "MS", "OK", "WI"), (_CENTRAL,)),
    **dict.fromkeys(("CO", "MT", "NM", "UT", "WY"), (_MOUNTAIN,)),
    **dict.fromkeys(("CA", "WA"), (_PACIFIC,)),
    **dict.fromkeys(("FL", "IN", "KY", "MI", "TN"), (_CENTRAL, _EASTERN)),
    **dict.fromkeys(("KS", "ND", "NE", "SD", "TX"), (_CENTRAL, _MOUNTAIN)),
    **dict.fromkeys(("ID", "OR"), (_MOUNTAIN, _PACIFIC)),
    "NV": (_MOUNTAIN, _PACIFIC),
    "AZ": (_MOUNTAIN, "America/Phoenix"),
    "AK": ("America/Adak", "America/Anchorage"),
    "HI": ("Pacific/Honolulu",),
    "PR": ("America/Puerto_Rico",),
    "VI": ("America/St_Thomas",),
    "GU": ("Pacific/Guam",),
    "MP": ("Pacific/Saipan",),
    "AS": ("Pacific/Pago_Pago",),
    **dict.fromkeys(("NB", "NS", "PE"), ("America/Halifax",)),
    "NL": ("America/Halifax", "America/St_Johns"),
    "QC": ("America/Halifax", "America/Toronto"),
    "ON": ("America/Toronto", "America/Winnipeg"),
    "MB": ("America/Winnipeg",),
    "SK": ("America/Edmonton", "America/Regina"),
    "AB": ("America/Edmonton",),
    "BC": ("America/Edmonton", "America/Vancouver"),
    "YT": ("America/Whitehorse",),
    "NT": ("America/Edmonton",),
    "NU": ("America/Edmonton", "America/Toronto", "America/Winnipeg"),
}
"""State or province of country code 1 -> its zones. By 49 CFR 71 and the provinces' statutes from memory; those of the
states agree with the ZIP tables that `tools/area_zones.py` reads."""

_NAMES = (
    "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,"
    "DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,"
    "KY Kentucky,LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,"
    "MO Missouri,MT Montana,NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,"
    "NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,"
    "SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont,VA Virginia,WA Washington,"
    "WV West Virginia,WI Wisconsin,WY Wyoming,PR Puerto Rico,VI Virgin Islands,VI US Virgin Islands,GU Guam,"
    "MP Northern Mariana Islands,AS American Samoa,AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,"
    "NL Newfoundland and Labrador,NS Nova Scotia,NT Northwest Territories,NU Nunavut,ON Ontario,"
    "PE Prince Edward Island,QC Quebec,QC Québec,SK Saskatchewan,YT Yukon"
)
_BY_NAME = {entry[3:].casefold(): entry[:2] for entry in _NAMES.split(",")}
_CANADIAN_POSTAL = {
    **dict.fromkeys("GHJ", "QC"),
    **dict.fromkeys("KLMNP", "ON"),
    **dict(zip("ABCERSTVXY", ("NL", "NS", "PE", "NB", "MB", "SK", "AB", "BC", "NU", "YT"), strict=True)),
}
_SPOKEN = {
    **dict.fromkeys(("eastern", "eastern time", "et", "est", "edt", "est5edt", "us/eastern"), (_EASTERN,)),
    **dict.fromkeys(("central", "central time", "ct", "cst", "cdt", "cst6cdt", "us/central"), (_CENTRAL,)),
    **dict.fromkeys(("mountain", "mountain time", "mt", "mst", "mdt", "mst7mdt", "us/mountain"), (_MOUNTAIN,)),
    **dict.fromkeys(("pacific", "pacific time", "pt", "pst", "pdt", "pst8pdt", "us/pacific"), (_PACIFIC,)),
    **dict.fromkeys(("alaska", "akst", "akdt"), ("America/Anchorage",)),
    **dict.fromkeys(("hawaii", "hst"), ("Pacific/Honolulu",)),
    **dict.fromkeys(("atlantic", "ast", "adt"), ("America/Halifax",)),
}
_STATE_CODE_CHARS = 2
_ZIP_DIGITS = 5


def zones_of_zone(text: str, is_zone: Callable[[str], bool], *, is_north_american: bool) -> tuple[str, ...]:
    """The zone that a cell names, by IANA name or, in North America, as people say it; empty where it names none."""
    name = text.strip()
    if "/" in name and is_zone(name):
        return (SAME_CLOCK.get(name, name),)
    return _SPOKEN.get(" ".join(name.casefold().split()), ()) if is_north_american else ()


def zones_of_state(text: str) -> tuple[str, ...]:
    """The zones of a state, territory or province of country code 1, by letters or name; empty where it is none."""
    name = " ".join(text.strip().strip(".").split())
    code = name.upper() if len(name) == _STATE_CODE_CHARS else _BY_NAME.get(name.casefold(), "")
    return STATE_ZONES.get(code, ())


def zones_of_postal_code(text: str) -> tuple[str, ...]:
    """The zones of a ZIP code or a Canadian postal code; empty where it is none."""
    code = text.strip().partition("-")[0].replace(" ", "")
    if code.isascii() and code.isdigit() and _ZIP_DIGITS - 2 <= len(code) <= _ZIP_DIGITS:
        prefix = code.zfill(_ZIP_DIGITS)[:3]  # spreadsheets drop zeros in front
        place = bisect_right(ZIP_RUNS, prefix, key=lambda run: run[0])
        return ZIP_RUNS[place - 1][1] if place else ()
    is_canadian = len(code) in (3, 6) and code[0].isalpha() and code[1].isdigit() and code.isascii()
    return STATE_ZONES.get(_CANADIAN_POSTAL.get(code[0].upper(), ""), ()) if is_canadian else ()


def joined(known: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """What two sources say together: what both allow; where they contradict, all that either names (the stricter)."""
    if not said or not known:
        return known or said
    both = tuple(name for name in known if SAME_CLOCK.get(name, name) in said)
    return both or tuple(sorted({*known, *said}))

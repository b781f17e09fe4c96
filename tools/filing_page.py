"""The page of filings, made from the table of states and the message catalogue."""

import io

from baitie.domain.filing import TRANSITIONS, FilingReason, FilingRefusalCode
from baitie.domain.filing.sheet import COLUMNS
from baitie.locale.catalogue import catalogue

INTRODUCTION = """# Filings

What is filed is addressed by the SHA-256 of its canonical bytes (JSON with sorted keys, no white space, UTF-8):

| kind | what the bytes hold |
|---|---|
| `brand` | sign, enterprise, real-name tier, kind, name and SHA-256 of each document |
| `number` | E.164, class, owner, purposes |
| `template` | id, version, purpose, channel, language, encoding, sign, text, type and length of each slot |
| `script` | id, version, SHA-256 of its file |

The register (`filing.file`) is a file of JSON lines that only grows; each line carries the hash of the one before, so a
changed past does not read. Who acted is a name given on the command line, not yet proved by a sign-in.
"""
SENDING = """
## Whether something may be sent

A card goes out where, at that instant, with this carrier, its text (for its channel), the brand of its sign, and the
presented number are each approved, the text and the number for the campaign's purpose, and each value is within the
length that was filed. What is not filed is not sent. An approval ends at `valid_until` to the second, whether or not
anybody noted it.

| reason | meaning | remedy |
|---|---|---|
"""


def filing_page() -> str:
    """States, refusals, reasons and the columns of a sheet."""
    out, texts = io.StringIO(), catalogue("filing", "en")
    out.write(f"{INTRODUCTION}\n## States\n\n`add` makes a draft.\n\n| state | act | next state |\n|---|---|---|\n")
    for (state, act), after in TRANSITIONS.items():
        out.write(f"| {state.value} | {act.value} | {after.value} |\n")
    out.write("\n## Why an act is refused\n\n| code | meaning |\n|---|---|\n")
    for code in FilingRefusalCode:
        out.write(f"| `{code.value}` | {texts.text(f'refusal.{code.value}')} |\n")
    out.write(SENDING)
    for reason in FilingReason:
        said = " | ".join(texts.text(f"reason.{reason.value}.{part}") for part in ("text", "remedy"))
        out.write(f"| `{reason.value}` | {said} |\n")
    out.write("\n## Sheets\n\nColumns, by name, in any order when they come back: ")
    out.write(", ".join(f"`{column}`" for column in COLUMNS))
    out.write(
        ".\nThe carrier fills `answer` (`approve`, `approved`, `refuse`, `refused`, 通过 or 驳回), "
        "`reference`, `valid_until` (ISO, with zone)"
    )
    out.write(" and `refusal_code`.\nSheets go out as CSV in UTF-8; answers come back as XLSX or CSV.\n")
    return out.getvalue()

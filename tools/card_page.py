"""The page of the card library, made from its templates and the case cards in `examples/cards`."""

import io
from pathlib import Path

from baitie.domain.namecard import Choice, RenderedCard, coverage, render, with_sign, worst_case
from baitie.files.card_files import read_case, read_library
from baitie.kernel.purpose import Purpose
from baitie.locale.catalogue import catalogue

CASES = Path(__file__).parents[1] / "examples" / "cards"
LONGEST_SIGN = "某" * 16
INTRODUCTION = """# The library of name cards

A campaign takes a card from here with `[card.library]` ([how](../how-to/choose-a-card.md)). The sign goes in front by
itself. *Longest* counts every slot at its maximum under the longest sign that is allowed (16 characters): 70 units are
one message in Chinese, 160 in plain Latin letters.

A cell of the matrix is served by the first template that exists, is usable and discloses no more than the wanted
industry allows: the wanted language, then one that may stand in for it (zh-HK: zh-CN); within a language industry and
segment, industry and any segment, any industry and the segment, any and any. For callees who complain any industry and
the segment stands before industry and any segment. The purpose is never left.
"""


def card_page() -> str:
    """Every template, every case card as it is shown, and what may not be."""
    out = io.StringIO()
    library, names = read_library(), catalogue("cards", "en")
    served = coverage(library)
    exact = sum(1 for found in served.values() if isinstance(found, Choice) and found.is_exact)
    none = sum(1 for found in served.values() if not isinstance(found, Choice))
    out.write(INTRODUCTION)
    out.write(f"\n{len(library.templates)} templates; of {len(served)} cells {exact} have a template of their own, ")
    out.write(f"{len(served) - exact - none} are served by a more general one, {none} must have none:\n\n")
    for bar in library.stress.barred:
        where = [bar.purpose.value, *(each.value for each in (bar.industry, bar.segment) if each is not None)]
        out.write(f"- {' × '.join(where)}: `{bar.reason}`\n")
    for purpose in Purpose:
        stress = library.stress
        words = ", ".join(stress.emphasis[code]["en"] for code in stress.by_purpose[purpose])
        out.write(f"\n## {names.text(f'purpose.{purpose.value}').capitalize()}\n\nStresses: {words}.\n\n")
        out.write(
            "| id | industry | callees | language | disclosure | text | longest |\n|---|---|---|---|---|---|---|\n"
        )
        for template in library.templates:
            if template.purpose is purpose:
                sign = LONGEST_SIGN if template.language.startswith("zh") else "S" * len(LONGEST_SIGN)
                worst = worst_case(with_sign(template, sign))
                text = template.body(lambda name: f"{{{name}}}")
                disclosure = template.disclosure.value if template.disclosure is not None else ""
                out.write(
                    f"| `{template.template_id}` | {names.text(f'industry.{template.industry.value}')} "
                    f"| {names.text(f'segment.{template.segment.value}')} | {template.language} | {disclosure} "
                    f"| {text} | {worst.units} of {worst.units_max} |\n"
                )
    out.write("\n## Case cards\n\n`baitie cards show examples/cards/NAME.toml` makes each of these.\n\n")
    out.write("| case | card as it is shown | units |\n|---|---|---|\n")
    for file in sorted(CASES.glob("*.toml")):
        case = read_case(file)
        card = render(case.template, case.values)
        assert isinstance(card, RenderedCard), file.name
        out.write(f"| `{file.name}` | {card.text} | {card.units} |\n")
    return out.getvalue()

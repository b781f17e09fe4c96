"""The pages of `docs/reference/rules`: one a pack, made from the packs and their catalogues, and the list of packs."""

import io
from collections.abc import Iterator

from baitie.domain.risk.kinds import REASONS
from baitie.files.rule_files import known_remedies, read_calendar_years, verdict_texts
from baitie.files.rule_listing import PackView, RuleView, packs, shown
from baitie.locale.catalogue import catalogue

ENGLISH, CHINESE = verdict_texts("en"), verdict_texts("zh")
TEXTS = catalogue("rules", "en"), catalogue("rules", "zh")
INTRODUCTION = """# Rule packs

Rules are data with sources; the gate asks those of the packs in use. Without `rules.packs` in `baitie.toml` these are
the packs marked as default below; `rules.folder` adds your own. What each field of a rule means stands in
[rule kinds](../rule-kinds.md). The strictest rule wins, and the verdict names those that it overruled.

Only what somebody read is called law or standard. A draft of law never blocks a call. Nothing here is legal advice:
each rule says who knows it, how, and since when.
"""


def pages() -> dict[str, str]:
    """Every page by its path below `docs/reference`."""
    views = packs()
    made = {"rules/README.md": _index(views), "rules/reasons.md": _reasons(), "rules/remedies.md": _remedies()}
    return made | {f"rules/{view.name}.md": _page(view) for view in views}


def _index(views: list[PackView]) -> str:
    out = io.StringIO()
    out.write(INTRODUCTION)
    out.write("\n| pack | title | 名称 | default | rules |\n|---|---|---|---|---|\n")
    for view in views:
        is_default = "yes" if view.is_used else "no"
        chinese = CHINESE.title(view.name, view.title)
        out.write(f"| [{view.name}]({view.name}.md) | {view.title} | {chinese} | {is_default} | {len(view.rules)} |\n")
    out.write(
        "\n## Official calendars\n\nWorking days of deadlines and of windows `on` working days. In a year that is"
    )
    out.write(
        " not here, a window goes by the rule's fail direction, and a deadline takes Monday to Friday and says so.\n"
    )
    out.write("\n| calendar | status | source | known |\n|---|---|---|---|\n")
    for year in read_calendar_years():
        known = f"{year.evidence.how.value}, {year.evidence.known_on}; {year.evidence.note}"
        out.write(f"| {year.title} | {year.status.value} | {year.source} | {known} |\n")
    return out.getvalue()


def _remedies() -> str:
    out = io.StringIO()
    out.write(
        "# Remedies\n\nWhat can be done where a rule objects. A rule names one or more of these keys in `remedies`;"
    )
    out.write(
        " a key that is not here is refused, as nobody could read it.\n\n| key | English | 中文 |\n|---|---|---|\n"
    )
    for key in known_remedies():
        out.write(f"| `{key}` | {ENGLISH.remedy(key)} | {CHINESE.remedy(key)} |\n")
    return out.getvalue()


def _reasons() -> str:
    out = io.StringIO()
    out.write("# Reasons\n\nA finding carries a stable code and its values; these are the sentences made of them where")
    out.write(" a rule objects. Words in braces are the values.\n\n| code | English | 中文 |\n|---|---|---|\n")
    for code in sorted(REASONS):
        out.write(f"| `{code}` | {ENGLISH.objection(code)} | {CHINESE.objection(code)} |\n")
    return out.getvalue()


def _page(view: PackView) -> str:
    out = io.StringIO()
    default = "In the default set." if view.is_used else "Not in the default set: name it in `rules.packs`."
    out.write(
        f"# {view.name}\n\n{view.title} · {CHINESE.title(view.name, view.title)}. Version {view.version}. {default}\n"
    )
    for rule in view.rules:
        out.writelines(_section(rule))
    return out.getvalue()


def _section(view: RuleView) -> Iterator[str]:
    rule = view.rule
    yield f"\n## {rule.rule_id}\n\n{ENGLISH.source(rule)}  \n{CHINESE.source(rule)}\n\n"
    yield "| | | |\n|---|---|---|\n"
    texts, chinese = TEXTS
    kind, also = texts.text(f"kind.{rule.kind}"), chinese.text(f"kind.{rule.kind}")
    yield f"| kind | `{rule.kind}` | {kind} · {also} |\n"
    for name, value in view.fields.items():
        yield f"| {name} | `{shown(value)}` | |\n"
    where = "every country" if rule.jurisdiction == "*" else rule.jurisdiction
    yield f"| holds in | {where} | |\n"
    purposes = ", ".join(f"`{purpose.value}`" for purpose in sorted(rule.purposes))
    yield f"| purposes | {purposes if 'purposes' in view.table else 'all'} | |\n"
    if rule.effective_from or rule.effective_until:
        yield f"| in force | {rule.effective_from or '…'} to {rule.effective_until or '…'} | |\n"
    yield f"| force | {texts.text(f'force.{rule.force.value}')} | {chinese.text(f'force.{rule.force.value}')} |\n"
    fails = rule.fail_direction.value
    yield f"| where it cannot know | {texts.text(f'fail.{fails}')} | {chinese.text(f'fail.{fails}')} |\n"
    status = rule.status.value
    yield f"| status | **{ENGLISH.word('status', status)}** | {CHINESE.word('status', status)} |\n"
    yield f"| known | {ENGLISH.evidence(rule)} | {CHINESE.evidence(rule)} |\n"
    yield "\nExamples:\n\n"
    for case in rule.cases:
        outcome = case.get("expect") or f"{case.get('begins_on')} to {case.get('ends_on')}"
        until = f", until {case['until']}" if "until" in case else ""
        yield f"- {case['name']}: {TEXTS[0].text_or(f'expect.{outcome}', str(outcome))}{until}\n"

"""The example campaign: made as it says, small, and nobody real in it."""

import csv
import re
import subprocess
import sys
from pathlib import Path

from baitie.wire.g711 import SAMPLES_PER_S

EXAMPLE = Path(__file__).parents[3] / "examples" / "order-followup"
PROMPT_S_MAX = 6
PROMPTS_OCTETS_MAX = 450_000


def test_the_contacts_are_what_their_script_makes(tmp_path: Path) -> None:
    script = tmp_path / "make_contacts.py"
    script.write_bytes((EXAMPLE / "make_contacts.py").read_bytes())
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True)
    assert (tmp_path / "contacts.csv").read_bytes() == (EXAMPLE / "contacts.csv").read_bytes()


def test_callable_numbers_are_marked_as_fictitious_by_their_digits() -> None:
    with (EXAMPLE / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        numbers = [re.sub(r"[ \-]|^\+86", "", row["手机号"]) for row in csv.DictReader(file)]
    mobiles = [number for number in numbers if re.fullmatch(r"1[3-9]\d{9}", number)]
    assert len(mobiles) >= 300
    assert all(number[3:7] == "0000" for number in mobiles)
    assert all("55501" in number for number in numbers if number.startswith("+1"))


def test_prompts_are_short_and_each_has_its_origin() -> None:
    prompts = sorted((EXAMPLE / "prompts").glob("*.pcma"))
    origin = (EXAMPLE / "prompts" / "ORIGIN.md").read_text("utf-8")
    assert sum(prompt.stat().st_size for prompt in prompts) < PROMPTS_OCTETS_MAX
    assert all(prompt.stat().st_size < PROMPT_S_MAX * SAMPLES_PER_S for prompt in prompts)
    assert all(f"| {prompt.name} |" in origin for prompt in prompts)

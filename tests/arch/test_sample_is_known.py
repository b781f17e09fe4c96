"""What is shipped as a sample is known for the sample, so that nothing of it goes over a real line."""

import tomllib
from hashlib import sha256

from baitie.files.examples import example_file
from baitie.files.samples import SAMPLE_BRAND, SAMPLE_NUMBERS, SAMPLE_PROMPTS, SAMPLE_SCRIPTS


def test_all_that_is_shipped_is_known_for_the_sample() -> None:
    """Whoever changes the sample adds to what is known of it: folders of earlier versions keep the old."""
    prompts = sorted(example_file("prompts").glob("*.pcma"))
    assert prompts
    assert {file.name for file in prompts if sha256(file.read_bytes()).hexdigest() not in SAMPLE_PROMPTS} == set()
    enterprise = tomllib.loads(example_file("baitie.toml").read_text("utf-8"))["enterprise"]
    assert SAMPLE_BRAND in enterprise["name"]
    assert SAMPLE_BRAND in enterprise["sign"]
    assert set(enterprise["presented_numbers"]) <= SAMPLE_NUMBERS
    scripts = (tomllib.loads(example_file(name).read_text("utf-8")) for name in ("script.toml", "answering.toml"))
    assert {script["script"]["id"] for script in scripts} <= SAMPLE_SCRIPTS

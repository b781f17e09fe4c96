"""Each import contract notices a breach that is planted against it, and each banned call is found where it is."""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from importlinter.application.use_cases import read_user_options
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

configure()
ROOT = Path(__file__).parents[2]
OPTIONS = read_user_options(str(ROOT / ".importlinter"))
KINDS: dict[str, type[Contract]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
}

BREACHES = {
    # contract: who would import what
    "layers": ("baitie.app.registers.book", "baitie.files.fields"),
    "rooms-of-app": ("baitie.app.registers.book", "baitie.app.calling.progress"),
    "domain-siblings": ("baitie.domain.consent.register", "baitie.domain.agents.agent_pool"),
    "adapter-siblings": ("baitie.adapters.report.data", "baitie.adapters.store.tables"),
    "adapters-see-ports": ("baitie.adapters.store.writer", "baitie.app.gate.gate"),
    "pure-core": ("baitie.wire.sip.dialog", "random"),
    "web-without-clocks": ("baitie.web.callee.guard", "time"),
    "app-without-io": ("baitie.app.calling.scheduler", "time"),
    "app-without-settings": ("baitie.app.registers.policy", "pydantic"),
    "rehearsal-without-clocks": ("baitie.rehearsal.people", "time"),
    "files-without-adapters": ("baitie.files.rule_files", "baitie.adapters.store.tables"),
    "checks-of-files-stop-there": ("baitie.bootstrap.assemble", "pydantic"),
    "commands-are-thin": ("baitie.cli.stop_command", "baitie.adapters.store.tables"),
    "words-stand-alone": ("baitie.locale.catalogue", "baitie.domain.contacts"),
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("baitie", include_external_packages=True)


def contract_named(contract_id: str) -> Contract:
    (options,) = [each for each in OPTIONS.contracts_options if each["id"] == contract_id]
    kind = KINDS[options["type"]]
    return kind(str(options["name"]), OPTIONS.session_options, options)


def test_every_contract_has_a_breach() -> None:
    assert {str(each["id"]) for each in OPTIONS.contracts_options} == BREACHES.keys()


@pytest.mark.parametrize("contract_id", BREACHES)
def test_a_planted_breach_breaks_its_contract(contract_id: str, graph: grimp.ImportGraph) -> None:
    contract = contract_named(contract_id)
    importer, imported = BREACHES[contract_id]
    assert importer in graph.modules
    breached = deepcopy(graph)
    if imported not in breached.modules:
        breached.add_module(imported, is_squashed=not imported.startswith("baitie."))
    assert not breached.direct_import_exists(importer=importer, imported=imported), "no breach: it stands in the code"
    breached.add_import(importer=importer, imported=imported, line_number=1, line_contents=f"import {imported}")
    assert contract.check(deepcopy(graph), verbose=False).kept
    assert not contract.check(breached, verbose=False).kept


BANNED = (
    "from datetime import datetime\n\nAT = datetime.now()",
    "from datetime import date\n\nDAY = date.today()",
    "import time\n\nAT = time.time()",
    "from time import monotonic\n\nAT = monotonic()",
    "import random\n\nSHARE = random.random()",
    "from random import shuffle\n\nshuffle([])",
    "import secrets",
    "from uuid import uuid4\n\nNAME = uuid4()",
    "import os\n\nHOME = os.environ",
    "import os\n\nHOME = os.getenv('HOME')",
    "import asyncio\n\nWAIT = asyncio.sleep(1)",
)


@pytest.mark.parametrize("room", ["app", "rehearsal", "web", "files", "cli", "kernel", "domain", "wire"])
def test_clock_chance_environment_and_sleep_are_banned(room: str) -> None:
    for code in BANNED:
        assert "TID251" in checked(code, f"src/baitie/{room}/planted.py"), code


@pytest.mark.parametrize("room", ["adapters", "bootstrap"])
def test_clock_chance_environment_and_sleep_come_from_adapters_and_bootstrap(room: str) -> None:
    for code in BANNED:
        assert "TID251" not in checked(code, f"src/baitie/{room}/planted.py"), code


def checked(code: str, file: str) -> str:
    """What the style check says of a file with this text."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "--stdin-filename", file, "-"]
    return subprocess.run(command, input=code, text=True, capture_output=True, cwd=ROOT, check=False).stdout

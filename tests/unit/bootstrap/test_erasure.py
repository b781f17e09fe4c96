"""What "forget me" destroys is in no file of the store afterwards, not even until the next checkpoint of its log."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from baitie.adapters.store import SqlStore
from baitie.bootstrap.registers import open_registers
from baitie.bootstrap.stores import open_store
from baitie.files.organisation_settings import OrganisationSettings, StoreSettings
from baitie.kernel.ids import CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import CalleeRecord, LeadRecord

T = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
CAMPAIGN = CampaignId("autumn")


def person(n: int) -> tuple[CalleeRecord, LeadRecord]:
    callee_id = CalleeId(f"ca_{n:05}")
    number = PhoneNumber(f"+86138{n:08}")
    callee = CalleeRecord(callee_id, number, NumberClass.MOBILE, "CN", ("Asia/Shanghai",))
    lead = LeadRecord(
        LeadId(f"ld_{n:05}"), CAMPAIGN, callee_id, n + 2, f"NAME{n:05}Z", {"tail": f"SLOT{n:05}Z"}, "s", "b"
    )
    return callee, lead


@pytest.fixture
def organisation(tmp_path: Path) -> OrganisationSettings:
    enterprise: Any = {"name": "云杉优选商城", "sign": "云杉优选", "presented_numbers": ["+862150000100"]}
    store = StoreSettings(path=tmp_path / "s.sqlite", key_file=tmp_path / "s.key")
    return OrganisationSettings(enterprise=enterprise, store=store)


def in_files(settings: OrganisationSettings, text: str) -> list[str]:
    beside = settings.store.path.parent.glob(f"{settings.store.path.name}*")
    return [file.name for file in beside if text.encode() in file.read_bytes()]


@pytest.mark.parametrize("is_watched", [False, True], ids=["alone", "beside a dialler's store"])
def test_nothing_of_a_forgotten_person_is_left_in_any_file(
    organisation: OrganisationSettings, is_watched: bool
) -> None:
    with closing(open_store(organisation)) as store:
        people = [person(n) for n in range(500)]
        entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, T, CAMPAIGN, facts={"leads": 500})
        store.import_leads(CAMPAIGN, [callee for callee, _ in people], [lead for _, lead in people], entry)
    dialler: SqlStore | None = open_store(organisation) if is_watched else None
    if dialler is not None:
        assert dialler.campaign_state(CAMPAIGN) is not None
    try:
        assert in_files(organisation, "NAME00123Z")
        with open_registers(organisation, "li", T) as opened:
            for n in (0, 123, 499):
                opened.requests.forget(opened.reading(f"+86138{n:08}"))
            for n in (0, 123, 499):
                assert in_files(organisation, f"NAME{n:05}Z") == []
                assert in_files(organisation, f"SLOT{n:05}Z") == []
        assert in_files(organisation, "NAME00124Z")
    finally:
        if dialler is not None:
            dialler.close()

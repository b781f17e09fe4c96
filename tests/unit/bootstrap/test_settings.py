"""Settings files: what is refused, and how it is said."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.bootstrap.stores import store_target
from baitie.files.campaign_settings import CampaignSettings
from baitie.files.organisation_settings import OrganisationSettings, secret_of
from baitie.files.problems import Problem, SettingsError
from baitie.files.setting_descriptions import describe, in_force
from baitie.files.settings_files import find_organisation_file, load_campaign, load_organisation
from baitie.files.validation import line_of
from baitie.kernel.outcome import Outcome
from baitie.locale.catalogue import LANGUAGES, catalogue

ORGANISATION = """
[enterprise]
name = "云杉优选"
sign = "云杉优选"
presented_numbers = ["+86 21 5000 0100"]
"""
CAMPAIGN = """
[campaign]
id = "a"
name = "回访"
purpose = "care"

[contacts]
source = "订单"
legal_basis = "合同"
"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def problems_of(folder: Path, text: str, environ: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load_organisation(written(folder, "baitie.toml", text), environ or {})
    return {problem.place: problem.text("en") for problem in caught.value.problems}


def test_all_problems_of_a_file_are_reported_at_once_each_with_its_line_and_remedy(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        ORGANISATION + '[trunks.main]\nhost = "sip.example"\nprot = 5070\ntransport = "tpc"\nattempts_per_s = -1\n',
    )
    assert found["trunks.main.prot"].startswith("baitie.toml:8 ")
    assert "Did you mean port?" in found["trunks.main.prot"]
    assert "not one of udp, tcp, tls. Did you mean tcp?" in found["trunks.main.transport"]
    assert "-1 is out of range: it must be > 0" in found["trunks.main.attempts_per_s"]


def test_the_nearest_heading_is_named_where_the_setting_itself_is_missing(tmp_path: Path) -> None:
    text = CAMPAIGN + "[dialing]\nring_timeout_s = 20\n[dialing.retry.bussy]\nwait_s = 600\nattempts_max = 2\n"
    with pytest.raises(SettingsError) as caught:
        load_campaign(written(tmp_path, "campaign.toml", text), {})
    (problem,) = caught.value.problems
    assert problem.where() == "campaign.toml:12 dialing.retry.bussy"
    assert "Did you mean busy?" in problem.text("en")


@given(st.text(max_size=200), st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_a_line_is_found_in_any_text_or_none(text: str, location: list[str]) -> None:
    line = line_of(text, location)
    assert line is None or 1 <= line <= len(text.splitlines())


def test_a_missing_setting_names_its_table(tmp_path: Path) -> None:
    found = problems_of(tmp_path, '[enterprise]\nname = "x"\nsign = "云杉"\n')
    assert found["enterprise.presented_numbers"].startswith("baitie.toml:1 enterprise.presented_numbers: is missing")


def test_the_environment_overrides_the_file_and_is_named_where_it_is_wrong(tmp_path: Path) -> None:
    file = written(tmp_path, "baitie.toml", ORGANISATION)
    loaded = load_organisation(file, {"BAITIE_MESSAGE_CENTRE__PORT": "2776", "BAITIE_RULES__PACKS": "core, advice"})
    assert loaded.settings.message_centre.port == 2776
    assert loaded.settings.rules.packs == ["core", "advice"]
    assert loaded.source("message_centre.port") == "env"
    found = problems_of(tmp_path, ORGANISATION, {"BAITIE_MESSAGE_CENTRE__PORT": "many"})
    assert found["message_centre.port"].startswith("BAITIE_MESSAGE_CENTRE__PORT ")


def test_a_variable_for_no_section_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    found = problems_of(tmp_path, ORGANISATION, {"BAITIE_STOER__PATH": "x"})
    assert "Did you mean store?" in found[""]


def test_variables_of_the_other_file_are_left_to_it(tmp_path: Path) -> None:
    environ = {"BAITIE_DIALING__RING_TIMEOUT_S": "20", "BAITIE_STORE__PATH": "other.sqlite3"}
    organisation = load_organisation(written(tmp_path, "baitie.toml", ORGANISATION), environ)
    campaign = load_campaign(written(tmp_path, "campaign.toml", CAMPAIGN), environ)
    assert organisation.settings.store.path == tmp_path / "other.sqlite3"
    assert campaign.settings.dialing.ring_timeout_s == 20


def test_paths_are_relative_to_the_file_that_names_them_also_by_default(tmp_path: Path) -> None:
    settings = load_campaign(written(tmp_path, "campaign.toml", CAMPAIGN), {}).settings
    assert settings.contacts.file == tmp_path / "contacts.csv"
    assert settings.recording.folder == tmp_path / "recordings"


def test_retry_rules_stand_over_the_default_rules_outcome_by_outcome(tmp_path: Path) -> None:
    text = CAMPAIGN + "[dialing.retry.busy]\nwait_s = 600\nattempts_max = 4\n"
    dialing = load_campaign(written(tmp_path, "campaign.toml", text), {}).settings.dialing
    assert dialing.retry[Outcome.BUSY].wait_s == 600
    assert Outcome.NO_ANSWER in dialing.retry


def test_numbers_are_read_with_blanks_and_in_the_region_and_refused_where_they_are_none(tmp_path: Path) -> None:
    settings = load_organisation(written(tmp_path, "baitie.toml", ORGANISATION), {}).settings
    assert settings.enterprise.presented_numbers[0].e164() == "+862150000100"
    everyday = written(tmp_path, "baitie.toml", ORGANISATION.replace("+86 21", "021"))
    assert load_organisation(everyday, {}).settings.enterprise.presented_numbers[0].e164() == "+862150000100"
    found = problems_of(tmp_path, ORGANISATION.replace("+86 21", "0999"))
    assert "E.164" in found["enterprise.presented_numbers.0"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[carrier]\nkind = 'trunks'\n", ""),
        ("[trunks.m]\nhost = 'h'\npassword = 'a'\npassword_file = 'b'\n", "trunks.m"),
        ("[trunks.m]\nhost = 'h'\nrtp_port_min = 20000\nrtp_port_max = 19000\n", "trunks.m"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path: Path, text: str, place: str) -> None:
    assert place in problems_of(tmp_path, ORGANISATION + text)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[enterprise", b"a" * 2_000_000])
def test_a_file_that_is_no_settings_file_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "baitie.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load_organisation(file, {})
    assert [problem.place for problem in caught.value.problems] == [""]


@given(st.binary(max_size=300))
def test_any_bytes_give_settings_or_one_class_of_error(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "campaign.toml"
        file.write_bytes(data)
        with pytest.raises(SettingsError):
            load_campaign(file, {})


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    text = ORGANISATION + "[store]\nurl = 'postgresql+psycopg://u:geheim@h/d'\n[message_centre]\npassword = 'geheim'\n"
    loaded = load_organisation(written(tmp_path, "baitie.toml", text), {})
    shown = "".join(f"{s.value}{s.default}" for s in in_force(loaded, catalogue("settings", "en")))
    assert "geheim" not in shown + repr(loaded.settings)
    found = problems_of(tmp_path, ORGANISATION + "[message_centre]\npassword = 5\n")
    assert "5" not in found["message_centre.password"].split("of the wrong kind")[0].removeprefix("baitie.toml:8")


def test_a_password_may_stand_in_a_file(tmp_path: Path) -> None:
    file = written(tmp_path, "secret", "geheim\n")
    assert secret_of(None, file) == "geheim"


def test_the_nearest_organisation_file_above_a_campaign_is_taken(tmp_path: Path) -> None:
    campaign = tmp_path / "a" / "b"
    campaign.mkdir(parents=True)
    file = written(tmp_path, "baitie.toml", ORGANISATION)
    assert find_organisation_file(campaign, {}) == file
    assert find_organisation_file(campaign, {"BAITIE_FILE": "/else/baitie.toml"}) == Path("/else/baitie.toml")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("model", [OrganisationSettings, CampaignSettings])
def test_every_setting_has_a_meaning_in_every_language(model: type, lang: str) -> None:
    texts = catalogue("settings", lang)
    assert all(texts.text(setting.text_key) for setting in describe(model))


def test_every_meaning_belongs_to_a_setting() -> None:
    keys = {s.text_key for model in (OrganisationSettings, CampaignSettings) for s in describe(model)}
    assert catalogue("settings", "en").keys() == keys


def test_no_section_stands_in_both_files() -> None:
    assert not OrganisationSettings.model_fields.keys() & CampaignSettings.model_fields.keys()


def test_settings_of_time_carry_their_unit_in_the_name() -> None:
    named = [s for model in (OrganisationSettings, CampaignSettings) for s in describe(model) if s.kind == "number"]
    assert {s.place for s in named if not s.unit} == {"loopback.civil_speed"}


ODD_VARIABLES = [
    ({"BAITIE_ENTERPRISE_NAME": "x"}, "BAITIE_ENTERPRISE_NAME", "BAITIE_ENTERPRISE__NAME"),
    ({"BAITIE_ENTERPRISE": "x"}, "BAITIE_ENTERPRISE", "BAITIE_ENTERPRISE__"),
    ({"baitie_enterprise__name": "x"}, "baitie_enterprise__name", "BAITIE_ENTERPRISE__NAME"),
    ({"BAITIE_ENTERPRISE__NAME__X": "x"}, "BAITIE_ENTERPRISE__NAME__X", "enterprise.name"),
    ({"BAITIE_ENTERPRISE__NAME": "\udcd4\udcc6"}, "BAITIE_ENTERPRISE__NAME", "UTF-8"),
    ({"BAITIE_NUMBERS__+862150000100__REST_S": "5"}, "BAITIE_NUMBERS__+862150000100__REST_S", "such as 862150000100"),
    ({"BAITIE_PAGE__ADDRESS": "https://Card.example"}, "BAITIE_PAGE__ADDRESS", "such as https://card.example.com/"),
    ({"BAITIE_PAGE__HOTLINE": "4" * 31}, "BAITIE_PAGE__HOTLINE", "at most 30"),
    ({"BAITIE_PAGE__PICTURES": "a,b,c,d,e,f,g"}, "BAITIE_PAGE__PICTURES", "at most 6"),
    ({"BAITIE_PAGE__PORT": "9" * 5000}, "BAITIE_PAGE__PORT", "whole number"),
    *(
        ({"BAITIE_ENTERPRISE__ZONE": zone}, "BAITIE_ENTERPRISE__ZONE", "no time zone")
        for zone in ("localtime", "right/Asia/Shanghai", "posix/Asia/Shanghai", "Asia", "Factory", "z" * 300, "../x")
    ),
    *(
        ({"BAITIE_STORE__URL": address}, "BAITIE_STORE__URL", "no address of a PostgreSQL database")
        for address in (
            *("mysql://h/x", "h/x", "", "postgresql://h:port/x", "postgresql://[::1/x", "postgresql+asyncpg://h/x"),
            *("postgresql:/h/x", "postgresql://h/\n"),
        )
    ),
]


@pytest.mark.parametrize(("environ", "named", "told"), ODD_VARIABLES)
def test_a_variable_that_cannot_be_used_is_named_with_what_to_write(
    tmp_path: Path, environ: dict[str, str], named: str, told: str
) -> None:
    (text,) = problems_of(tmp_path, ORGANISATION, environ).values()
    assert text.startswith(named)
    assert told in text
    assert not any(secret in text for secret in ("h:port", "mysql", "asyncpg"))


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_an_address_of_a_database_is_never_taken_for_a_path(tmp_path: Path, scheme: str) -> None:
    file = written(tmp_path, "baitie.toml", ORGANISATION)
    environ = {"BAITIE_STORE__URL": f"{scheme}://name:p%40ss@[::1]:5433/calls"}
    assert store_target(load_organisation(file, environ).settings) == (
        "postgresql+psycopg://name:p%40ss@[::1]:5433/calls"
    )


def test_hours_beyond_every_clock_are_no_window(tmp_path: Path) -> None:
    text = CAMPAIGN + '[dialing]\nwindows = ["99999999999999999999:00-12:00"]\n'
    with pytest.raises(SettingsError) as caught:
        load_campaign(written(tmp_path, "campaign.toml", text), {})
    assert [problem.code for problem in caught.value.problems] == ["window-invalid"]


def test_what_two_files_say_of_one_variable_is_told_once(tmp_path: Path) -> None:
    environ = {"BAITIE_ENTERPRICE__NAME": "x"}
    problems: list[Problem] = []
    for name, text in (("baitie.toml", ORGANISATION), ("campaign.toml", CAMPAIGN)):
        with pytest.raises(SettingsError) as caught:
            (load_organisation if name == "baitie.toml" else load_campaign)(written(tmp_path, name, text), environ)
        problems += caught.value.problems
    assert len(problems) == 2
    assert len(SettingsError(problems).problems) == 1


@pytest.mark.parametrize("host", ["h:notaport", "[::1", ":80", "", "h:99999", "h\u202e", "a" * 64 + ".b"])
def test_an_address_that_no_client_can_call_is_refused_where_it_is_set(tmp_path: Path, host: str) -> None:
    text = f'[vendors.a]\nurl = "https://{host}/v1"\n[page]\nwebsite = "https://{host}/"\n'
    found = problems_of(tmp_path, ORGANISATION + text)
    assert set(found) == {"vendors.a.url", "page.website"}
    assert all("such as https://www.example.com/" in each for each in found.values())

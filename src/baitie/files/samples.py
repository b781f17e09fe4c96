"""What belongs to the shipped sample (示例) and may be said, shown or called on the loopback carrier alone."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha256

from baitie.domain.contacts import Contact
from baitie.files.bounded_files import read_within
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.examples import example_file
from baitie.files.problems import Problem, SettingsError
from baitie.kernel.phone import PhoneNumber
from baitie.wire.g711.prompts import PROMPT_BYTES_MAX, load_prompt_untrusted

SAMPLE_BRAND = "云杉优选"
SAMPLE_SCRIPTS = frozenset({"order-followup", "order-followup-answering"})
SAMPLE_NUMBERS = frozenset({"+862150000100", "+862150000101"})
SAMPLE_PROMPTS = frozenset(
    {
        "53ca3ff2c7cf3e2a7867906d7d669dec56278d88b22712131b19b312f320ddc7",  # greeting
        "4452516710a8a1276dc9cc2a4bed7e2244387dd2077155569ca97c2716feb83e",  # in-called-by
        "91d07537b8f30a737b52f3e3873ab7c29950bab5fe8110937cb18c5d039bc15e",  # in-closed
        "dadd509c10d26a552cbae8a0bb51a0ddbaca5f1e33eb2df53445d9c595afc6fe",  # in-greeting
        "24b3d7b6f2a2bc3578337bf0fa83dc9a7d122f8293bbd32a75fca0422371e527",  # in-noted
        "6ab97a2e17649e2f421495433cbee542673102fffa544d4b13ee82267a386d6b",  # in-opted-out
        "ab4a43f4416c8b0cc8c6fc30a11ddff1ae66ddf5265c08a0e46ecfcd659ad8f8",  # no-key
        "a1e227073187a4859116d97059458f5b54f4238a8c8359ac17de3fa74171baff",  # question
        "4a6f7178ae241c44b7e1894f6a71d30938baa68bd076234fa2bf1b5e496a6e3f",  # reason
        "c75ac404b666e92becacd1da349e8eeb80d490ed4a361d7e79e6446f54ea844b",  # refuse-hint
        "4c383693abe8dbb4d806ac644e8b45295b973fd766c00600a7af9e9ce49793c4",  # refused
        "f0dbd727e2c63afa46def4bce9eb12142ed1457c049fc2e21336a4b5a292535d",  # thanks-missing
        "72ce13a5a4d051b60093a18de48fdd02ca47cd1ca355cca98c7c937709f4ab84",  # thanks-received
        "7f6b0233e22fbb77efce7a2b4e6f922006059d0c64301c66bb408d11de9495e2",  # goodbye, recorded anew
        "293d75d99848931e8ed75548039aaf59aba272aae8d4447a062cab88629c1a3c",  # greeting, recorded anew
        "747f339d10c3e5102320f7965b9f40bcdfa746f19319587faf150303ac9ccf3c",  # in-called-by, recorded anew
        "6c9fd2fd98d76add47e0dc0b93ae818d6e77a8433fdc3488aa3549108fc06e4d",  # in-closed, recorded anew
        "1922a0c58e11dfc6a4f0d3a46d000fc79f9bbb49a3e22afbcb329e1ec2dcf9f9",  # in-greeting, recorded anew
        "1afff8222f5da174151e9bb24bdf9ef5e0657957ad7a6950ddb7110dcd95115d",  # in-hotline, recorded anew
        "e7afef5bb25f8482cbe7143149a1c880105302c3fb25fcbe83b5892c7c968fcc",  # in-no-service, recorded anew
        "ce561e135e6a020596ef78b91ede8aa847a13ede3a391247290d26fe672525fb",  # in-noted, recorded anew
        "37fb9d1dcbeab1b36a23ab5355b1a21184520b7df77112bc9c2089f81b07679e",  # in-opted-out, recorded anew
        "4e9c91fd943296be6c4940482c226981fa6e3a6cdcb0c582a2eec4d1029406b9",  # no-key, recorded anew
        "805d61f79e011b7f9a15c556b0f0f53c33a2e3c1b76aa3b8abf081e7f65013ff",  # question, recorded anew
        "69a0e87ba8aad2ebeec735d8b3ca4e7ab214e81e581dcd8acb9ee01af0e3e500",  # reason, recorded anew
        "9bbc424d8008c554c7c1fc8efb0389684c028a60974464a63f70aa43579c43aa",  # refuse-hint, recorded anew
        "c5a7062b749151eefe74c6145116c3b20d0a0a901fd6f38e136e8f803ad7f9a4",  # refused, recorded anew
        "fb141532911d89dfd158f6ae120ccdce1b3e69b24cb4040c4e8682fc37372d54",  # thanks-missing, recorded anew
        "cd592b10e45b35afbe44ee6c7ee9d704b040a13bc883e97ff6a8201057cb41ec",  # thanks-received, recorded anew
    }
)
"""SHA-256 of the A-law of every prompt that was ever shipped. Whoever records the sample anew adds the new ones and
leaves the old: folders of earlier versions hold them."""

VOICE_OCTETS = 4000
"""Half a second of a shipped prompt: whatever holds it is that prompt, cut, joined with others or in another format."""

SAMPLE_ROWS_MIN = 3
"""A list that holds so many of the sample's made-up numbers is the sample's; one may be there by chance."""


def refuse_samples(folder: CampaignFolder, contacts: Iterable[Contact] = ()) -> None:
    """Raises `SettingsError` where a real line would carry something of the sample; never on the loopback carrier."""
    problems = sample_problems(folder, contacts)
    if problems:
        raise SettingsError(problems)


def sample_problems(folder: CampaignFolder, contacts: Iterable[Contact] = ()) -> list[Problem]:
    """All that a campaign over real trunks has of the sample: brand, numbers, scripts, voice, people; each with its
    remedy."""
    if folder.organisation.settings.carrier.kind == "loopback":
        return []
    return [
        *_brand_problems(folder),
        *_number_problems(folder),
        *_script_problems(folder),
        *_voice_problems(folder),
        *_people_problems(folder, contacts),
    ]


def holds_sample_people(numbers: Iterable[PhoneNumber]) -> bool:
    """Whether these are the sample's made-up people, as far as numbers tell."""
    sample = {number for number, _ in _sample_people()}
    return sum(number.e164() in sample for number in numbers) >= SAMPLE_ROWS_MIN


def people_problem(folder: CampaignFolder, rows: Sequence[int] = ()) -> Problem:
    """The list calls the sample's people, whose numbers may be anybody's."""
    details = {"rows": ", ".join(map(str, rows[:SAMPLE_ROWS_MIN])) or "–", "count": len(rows) or "?"}
    return Problem(folder.settings.settings.contacts.file.name, "", "sample-people", None, details)


def _brand_problems(folder: CampaignFolder) -> Iterator[Problem]:
    enterprise, settings = folder.organisation.settings.enterprise, folder.settings.settings
    card = folder.campaign.card
    shown = [("baitie.toml", "enterprise.name", enterprise.name), ("baitie.toml", "enterprise.sign", enterprise.sign)]
    shown += [("campaign.toml", f"card.values.{name}", value) for name, value in settings.card.values.items()]
    shown += [
        ("campaign.toml", "contacts.source", settings.contacts.source),
        ("campaign.toml", "contacts.legal_basis", settings.contacts.legal_basis),
    ]
    if card is not None and not settings.card.library.is_used:
        shown += [
            (settings.card.file.name, "sign", card.template.sign),
            (settings.card.file.name, "text", card.template.text),
        ]
    for file, place, value in shown:
        if SAMPLE_BRAND in "".join(unicodedata.normalize("NFKC", value).split()):
            yield Problem(file, place, "sample-brand", None, {"value": value, "brand": SAMPLE_BRAND})


def _number_problems(folder: CampaignFolder) -> Iterator[Problem]:
    numbers = (shown.number.e164() for shown in folder.campaign.presented_numbers)
    for number in sorted(SAMPLE_NUMBERS.intersection(numbers)):
        yield Problem("baitie.toml", "enterprise.presented_numbers", "sample-number", None, {"value": number})


def _script_problems(folder: CampaignFolder) -> Iterator[Problem]:
    settings, answering = folder.settings.settings, folder.campaign.answering
    scripts = [(settings.script.file, folder.campaign.script)]
    if answering is not None:
        scripts.append((settings.answering.file, answering.announcements))
    for file, script in scripts:
        if script.script_id in SAMPLE_SCRIPTS:
            yield Problem(file.name, "script.id", "sample-script", None, {"value": script.script_id})


def _voice_problems(folder: CampaignFolder) -> Iterator[Problem]:
    for name, file in sorted(folder.prompts.items()):
        if _is_sample_voice(load_prompt_untrusted(read_within(file, PROMPT_BYTES_MAX))):
            yield Problem(f"{file.parent.name}/{file.name}", "", "sample-voice", None, {"prompt": name})


def _is_sample_voice(audio: bytes) -> bool:
    return sha256(audio).hexdigest() in SAMPLE_PROMPTS or any(voice in audio for voice in _sample_voices())


@cache
def _sample_voices() -> tuple[bytes, ...]:
    """The liveliest half second of each shipped prompt: silence would be in everybody's."""
    files = sorted(example_file("prompts").glob("*.pcma"))
    return tuple(max(_pieces(file.read_bytes()), key=lambda piece: len(set(piece))) for file in files)


def _pieces(audio: bytes) -> Iterator[bytes]:
    for begin in range(0, max(len(audio) - VOICE_OCTETS, 1), VOICE_OCTETS):
        yield audio[begin : begin + VOICE_OCTETS]


def _people_problems(folder: CampaignFolder, contacts: Iterable[Contact]) -> list[Problem]:
    sample = _sample_people()
    rows = [contact.row for contact in contacts if (contact.number.e164(), contact.name) in sample]
    return [people_problem(folder, rows)] if rows else []


@cache
def _sample_people() -> frozenset[tuple[str, str]]:
    """Numbers as E.164 and names of the shipped list."""
    with example_file("contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        return frozenset((f"+86{row[0]}", row[1]) for row in list(csv.reader(file))[1:] if row[0].isdigit())

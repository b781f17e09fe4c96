"""Rule packs, official calendars and message catalogues, shipped as data. Whoever may read files reads them here."""

DEFAULT_PACKS = (
    "core.toml",
    "cn-core.toml",
    "cn-collection.toml",
    "cn-marketing.toml",
    "us-core.toml",
    "advice.toml",
)
"""File names of the packs that are asked where the settings name none, in the order in which their rules are shown."""

CORE_PACK = "core"
"""The pack that is asked always, whatever the settings name: refusals, freezes, numbers that are nobody's telephone."""

SHIPPED_PACKS = (*DEFAULT_PACKS, "cn-insurance.toml")
"""All packs. Those beyond the default set fit only some enterprises and are asked where `rules.packs` names them."""

CATALOGUES = {"zh": "messages.zh.toml", "en": "messages.en.toml"}
"""File name of the message catalogue of each language."""

CALENDARS = ("cn-2026.toml", "us-2026.toml", "us-2027.toml")
"""File names of the official calendars in the folder `calendars`."""

"""Rule packs and their message catalogues, shipped as data. Whoever may read files reads them from here."""

SHIPPED_PACKS = ("core.toml", "cn-core.toml", "us-hours.toml", "advice.toml")
"""File names of the packs, in the order in which their rules are shown."""

CATALOGUES = {"zh": "messages.zh.toml", "en": "messages.en.toml"}
"""File name of the message catalogue of each language."""

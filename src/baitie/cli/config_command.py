"""`baitie config`: every setting with value, unit, default, source and meaning."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option


@click.command("config", cls=TaughtCommand)
@click.argument("campaign", type=click.Path(path_type=Path), metavar="[CAMPAIGN]", default=".")
@option("--changed", is_flag=True, help="option.changed")
@common
def command(shell: Shell, campaign: Path, changed: bool) -> int:
    """Print the settings in force."""
    from baitie.files.campaign_settings import CAMPAIGN_FILE
    from baitie.files.setting_descriptions import in_force
    from baitie.files.settings_files import load_campaign, organisation_above
    from baitie.locale.catalogue import catalogue

    texts = catalogue("settings", shell.lang)
    folder = campaign if campaign.is_dir() else campaign.parent
    of_organisation = organisation_above(campaign, shell.environ)
    files = [(of_organisation.file, list(in_force(of_organisation, texts)))]
    if (folder / CAMPAIGN_FILE).is_file() or campaign.is_file():
        of_campaign = load_campaign(campaign, shell.environ)
        files.append((of_campaign.file, list(in_force(of_campaign, texts))))
    body = []
    for file, settings in files:
        shell.line(f"# {file}")
        for setting in settings:
            if changed and setting.source == "default":
                continue
            unit = f" {setting.unit}" if setting.unit and setting.value != "—" else ""
            source = setting.variable or shell.texts.text(f"config.{setting.source}")
            default = shell.texts.text("config.must") if setting.default is None else setting.default
            shell.line(f"\n{setting.place} = {setting.value}{unit}")
            shell.line(f"    {setting.meaning}")
            shell.line(f"    {shell.texts.text('config.line', source=source, default=default)}")
            body.append(
                {
                    "setting": setting.place,
                    "value": setting.value,
                    "unit": setting.unit or None,
                    "default": setting.default,
                    "source": setting.source,
                    "variable": setting.variable,
                    "meaning": setting.meaning,
                }
            )
        shell.line()
    shell.give({"settings": body})
    return ExitCode.OK

"""`baitie serve`: what people reach with a browser."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option


@click.command("serve", cls=TaughtCommand)
@option("--campaign", type=click.Path(path_type=Path), default=".", help="option.campaign")
@common
def command(shell: Shell, campaign: Path) -> int:
    """Serve the callee's page."""
    from baitie.bootstrap.page import serve_page
    from baitie.files.settings_files import organisation_above

    settings = organisation_above(campaign, shell.environ).settings

    def on_listening(address: str) -> None:
        shell.say("serve.listening", address=address, public=settings.page.address)
        shell.give({"listening": address, "address": settings.page.address})

    serve_page(settings, on_listening)
    return ExitCode.OK

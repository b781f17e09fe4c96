"""`baitie init`: a campaign folder to begin with."""

from pathlib import Path

import click

from baitie.cli.shared import ExitCode, Shell, TaughtCommand, common, option

FILES = ("baitie.toml", "campaign.toml", "contacts.csv", "card.toml", "script.toml", "answering.toml")


@click.command("init", cls=TaughtCommand)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@option("--example", default="order-followup", show_default=True, help="option.example")
@common
def command(shell: Shell, folder: Path, example: str) -> int:
    """Write a campaign folder."""
    from baitie.files.examples import copy_example, example_names

    if example not in example_names():
        raise click.BadParameter(
            shell.texts.text("init.unknown", example=example, known=", ".join(example_names())),
            param_hint="--example",
        )
    files = copy_example(example, folder, begins_today=True)
    shell.give({"folder": str(folder), "files": [str(file) for file in files]})
    shell.say("init.done", folder=folder)
    for name in (*FILES, "prompts"):
        shell.line(f"  {name:<14} {shell.texts.text(f'init.file.{name}')}")
    shell.say("init.next", folder=folder)
    return ExitCode.OK

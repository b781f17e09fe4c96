"""Groups of commands: `baitie audit verify` and the like, with help that teaches as single commands' help does."""

from collections.abc import Callable
from typing import Any

import click

from baitie.cli.shared import TaughtCommand, exit_codes, indented, shell_of, write_usage


class TaughtSubcommand(TaughtCommand):
    """A command of a group; its texts stand under `help.GROUP-NAME`."""

    def help_key(self, ctx: click.Context) -> str:
        group = ctx.parent.command.name if ctx.parent is not None else None
        return f"help.{group}-{self.name}"


class TaughtGroup(click.Group):
    """A group of commands whose help lists them, in the wanted language."""

    def subcommand(self, name: str) -> Callable[[Callable[..., Any]], click.Command]:
        """Decorates a function that is a command of this group."""
        return self.command(name, cls=TaughtSubcommand)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # as they were written: in the order of their use

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts = shell_of(ctx).texts
        write_usage(self, ctx, formatter)
        with formatter.indentation():
            formatter.write_text(texts.text(f"help.{self.name}.text"))
        with formatter.section(texts.text("help.commands")):
            formatter.write_dl([(name, texts.text(f"help.{self.name}-{name}.short")) for name in self.commands])
        with formatter.section(texts.text("help.examples")):
            formatter.write(indented(texts.text(f"help.{self.name}.examples")))
        with formatter.section(texts.text("help.exits")):
            formatter.write_dl(exit_codes(texts))

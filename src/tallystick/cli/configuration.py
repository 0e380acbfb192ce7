"""`config`: every setting with its value and where that came from; the example file."""

from typing import Annotated

import typer

from tallystick.cli.printing import USAGE, Failure, show, show_json, show_table

__all__ = ["app"]

app = typer.Typer(help="The settings.", no_args_is_help=True, rich_markup_mode=None)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("show")
def show_settings(as_json: AsJson = False) -> None:
    """Show every setting, its value (secrets redacted) and where that came from."""
    from tallystick.settings import SettingsError, load

    try:
        settings = load()
    except SettingsError as error:
        raise Failure("\n".join(error.problems), USAGE) from None
    lines = [(line.name, line.value, line.source) for line in settings.describe()]
    if as_json:
        show_json({name: {"value": value, "source": source} for name, value, source in lines})
    else:
        show_table(("Setting", "Value", "From"), lines)


@app.command()
def example() -> None:
    """Print an environment file with every setting and its default."""
    from tallystick.settings import example as text

    show(text().rstrip("\n"))

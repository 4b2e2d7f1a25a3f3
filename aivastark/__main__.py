"""The `aivastark` command."""

import gc

gc.disable()  # what is imported stays; looking through it again and again takes a sixth of a start

import typer  # noqa: E402

from aivastark import __version__  # noqa: E402
from aivastark.commands import backup, demo, keys, knowledge, moving, operate, people, plans, serve  # noqa: E402

gc.freeze()
gc.enable()

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers from your own knowledge, with the sources they stand on. Start with: aivastark serve",
)
app.command()(serve.serve)
app.command()(demo.demo)
app.command()(operate.init)
app.command()(knowledge.ingest)
app.command()(knowledge.ask)
app.command()(knowledge.search)
app.command()(serve.worker)
app.command()(operate.migrate)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(moving.export)
app.command(name="import")(moving.import_)
app.command()(operate.doctor)
app.add_typer(keys.app, name="key")
app.add_typer(people.app, name="person")
app.add_typer(plans.app, name="plan")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()

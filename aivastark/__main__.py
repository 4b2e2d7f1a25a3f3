"""The `aivastark` command."""

import typer

from aivastark import __version__
from aivastark.commands import demo, keys, knowledge, operate, plans, serve

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
app.command()(operate.backup)
app.command()(operate.doctor)
app.add_typer(keys.app, name="key")
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

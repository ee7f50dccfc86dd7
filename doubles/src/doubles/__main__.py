"""All doubles in one program: `python -m doubles mail|names|provider ...`, as `python -m doubles.mail ...`."""

import typer

from doubles import names
from doubles.mail import __main__ as mail
from doubles.provider import __main__ as provider

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Other people's servers, played at the wire.")
app.command("mail")(mail.main)
app.command("names")(names.main)
app.command("provider")(provider.main)

if __name__ == "__main__":
    app(prog_name="python -m doubles")

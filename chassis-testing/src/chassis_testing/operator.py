"""An operator who runs commands of a service under test."""

import asyncio

from chassis.service import CommandLine
from typer.testing import CliRunner, Result

from chassis_testing.harness import Harness


async def operate(home: Harness, *words: str) -> Result:
    """Run a command of the service's program with the settings of a test."""
    given = {
        name.upper(): str(value) for name, value in home.settings.model_dump(mode="json", exclude_none=True).items()
    }
    return await asyncio.to_thread(CliRunner().invoke, CommandLine(home.service).app(), list(words), env=given)

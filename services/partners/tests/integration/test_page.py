"""The page for partners does as it promises: its program loses no event, and one kind of example may be asked for."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from partners.settings import Settings

from .conftest import Desk

PAGE = Path(__file__).parents[4] / "docs" / "partners" / "README.md"
COMMIT_SECONDS = 6  # librdkafka commits by itself every five
LEAVE_SECONDS = 45  # for so long Kafka waits for whoever went without a word
ACCESS = ('"security.', '"sasl.', '"ssl.')  # this Kafka knows neither users nor TLS


def program(desk: Desk, directory: Path, *, seconds: float) -> Path:
    """Write the page's program for this Kafka, with work on each event that takes so long."""
    settings = desk.home.settings
    assert isinstance(settings, Settings)
    text = PAGE.read_text().partition("```python\n")[2].partition("```")[0]
    lines = [line for line in text.splitlines() if not line.strip().startswith(ACCESS)]
    work = next(number for number, line in enumerate(lines) if line.strip().startswith("print("))
    lines.insert(work + 1, f"{lines[work].partition('print')[0]}__import__('time').sleep({seconds})")
    named = "\n".join(lines).replace("kafka.example:9093", settings.kafka_bootstrap_servers)
    named = named.replace("partner.nord-licht.OrderPaid", f"{settings.topic_prefix}partner.nord.Test")
    assert "partner.nord.Test" in named
    file = directory / "program.py"
    file.write_text(named.replace("partner.nord-licht.books", f"{settings.topic_prefix}partner.nord.books"))
    return file


@asynccontextmanager
async def reading(file: Path) -> AsyncGenerator[Process]:
    """Run the program until Ctrl-C."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-u", str(file), stdout=PIPE)
    try:
        yield process
        process.send_signal(signal.SIGINT)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


async def line_of(process: Process, seconds: float) -> str:
    assert process.stdout
    async with asyncio.timeout(seconds):
        return (await process.stdout.readline()).decode()


@pytest.mark.torture  # it goes by the seconds of a client and of Kafka
async def test_PLT_6_the_program_on_the_page_reads_again_what_it_had_not_handled(desk: Desk, tmp_path: Path):
    await desk.open("nord", "north")
    done = await desk.run("test", "nord", "--event", "OrderPaid", "--json")
    assert json.loads(done.stdout)["done"]

    async with reading(program(desk, tmp_path, seconds=60)) as interrupted:
        first = await line_of(interrupted, 60)
        await asyncio.sleep(COMMIT_SECONDS)
    async with reading(program(desk, tmp_path, seconds=0)) as again:
        assert await line_of(again, LEAVE_SECONDS - 15) == first
        await asyncio.sleep(1)
    assert "org.kontor.OrderPaid" in first


async def test_PLT_11_one_kind_of_example_alone_is_sent_where_one_is_named(desk: Desk):
    await desk.open("nord", "north")
    before = len(desk.home.log.get("partner.nord.Test", []))
    done = await desk.run("test", "nord", "--event", "ShopOpened")
    assert "is sent an example of ShopOpened" in done.stdout
    await desk.home.settled()

    (example,) = desk.home.log["partner.nord.Test"][before:]
    assert json.loads(example.value)["type"] == "org.kontor.ShopOpened"
    assert "`--event OrderPaid` sends one kind only" in PAGE.read_text()

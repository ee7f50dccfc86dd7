"""The provider as a program: restarts and the command line."""

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import httpx

from .house import GOOD, KEY, SECRET, Start, client, order, quiet, until


async def test_a_restart_keeps_payments_keys_and_undelivered_webhooks(start: Start, tmp_path: Path):
    house = await start(tmp_path / "state")
    session = await house.paid()
    options: Any = {"idempotency_key": "k"}
    params: Any = {"payment_intent": session.payment_intent.id, "amount": 100}
    await quiet(house.shop)
    await house.control("switches", webhooks={"delay": [60, 60]})
    refund = await house.stripe.v1.refunds.create_async(params=params, options=options)
    house = await start(tmp_path / "state")
    assert (await house.stripe.v1.refunds.create_async(params=params, options=options)).id == refund.id
    assert len((await house.stripe.v1.refunds.list_async()).data) == 1
    await until(lambda: "charge.refunded" in house.shop.types())
    assert house.shop.types().count("checkout.session.completed") == 1


async def test_the_program_serves_until_it_is_told_to_stop(tmp_path: Path, unused_tcp_port: int):
    (tmp_path / "key").write_text(KEY + "\n")
    (tmp_path / "secret").write_text(SECRET + "\n")
    program = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "doubles.provider",
            "--port",
            str(unused_tcp_port),
            "--webhook-url",
            "http://127.0.0.1:9/",
        ),
        *("--webhook-secret-file", str(tmp_path / "secret"), "--api-key-file", str(tmp_path / "key")),
        stderr=asyncio.subprocess.PIPE,
    )
    url = f"http://127.0.0.1:{unused_tcp_port}"
    try:
        async with httpx.AsyncClient(base_url=url) as http:
            for _ in range(200):
                try:
                    await http.get("/_control/health")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
            session: Any = await client(url).v1.checkout.sessions.create_async(params=order())
            card = {"number": GOOD, "expiry": "12/40", "cvc": "123"}
            assert (await http.post(session.url, data=card)).status_code == 303
    finally:
        program.terminate()
        _, log = await asyncio.wait_for(program.communicate(), 10)
    assert re.search(rb"POST /pay/cs_test_", log)
    assert GOOD.encode() not in log
    assert program.returncode == 0

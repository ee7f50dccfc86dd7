"""How often one address may ask what can be guessed."""

from pathlib import Path
from uuid import uuid4

from accounts.__main__ import service
from chassis.identity.sealing import new_master_key
from chassis_testing.fixtures import ServiceHome


async def test_calls_from_one_address_are_limited(service_home: ServiceHome, tmp_path: Path):
    master_key = tmp_path / "master-key"
    master_key.write_text(new_master_key())
    few = {"sign_ins_per_minute": 2, "registrations_per_minute": 2, "refreshes_per_minute": 2}
    async with service_home(service, master_key_file=master_key, **few) as home:
        for path in ("/customers", "/sign-in", "/refresh"):
            statuses: list[int] = []
            waits: list[str] = []
            for _ in range(3):
                async with home.http.post(path, json={}, headers={"Idempotency-Key": str(uuid4())}) as answer:
                    statuses.append(answer.status)
                    waits.append(answer.headers.get("Retry-After", ""))
            assert statuses == [422, 422, 429]
            assert int(waits[2]) >= 1

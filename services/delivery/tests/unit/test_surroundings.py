"""The doctor tells whether the store of files answers."""

import shutil
from pathlib import Path

from chassis.doctor import Grade
from delivery.clients.objects import Objects
from delivery.clients.surroundings import examine


async def test_a_store_that_is_gone_is_told(tmp_path: Path):
    objects = Objects(f"file://{tmp_path}/files")
    (answers,) = await examine(objects)
    assert answers.grade is Grade.OK
    shutil.rmtree(tmp_path / "files")
    (gone,) = await examine(objects)
    assert gone.grade is Grade.ERROR
    assert "STORAGE_URL" in gone.next

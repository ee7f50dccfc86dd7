"""The store of contents: what was stored outlives a crash of the machine (MAIL-6)."""

import os
from pathlib import Path
from uuid import uuid4

import pytest
from mail_relay.clients.contents import Contents


async def test_MAIL_6_a_content_and_all_folders_above_it_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    synced, sync = list[tuple[Path, frozenset[str]]](), os.fsync

    def fsync(opened: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{opened}"))
        synced.append((path, frozenset(os.listdir(path)) if path.is_dir() else frozenset()))
        sync(opened)

    monkeypatch.setattr(os, "fsync", fsync)
    root, message = tmp_path / "a" / "b", uuid4()
    await Contents(f"file://{root}").put(message, b"Guten Tag")
    file = root / "messages" / message.hex[-2:] / str(message)
    assert file.exists()
    # each folder was written down after what stands in it was made
    for folder in (file.parent, root / "messages", root):
        below = file.relative_to(folder).parts[0]
        assert [names for path, names in synced if path == folder and below in names], folder

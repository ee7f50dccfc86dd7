import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from typer.testing import Result

Load = Callable[..., Awaitable[Result]]


async def test_a_bomb_of_aliases_is_refused_at_once(load: Load):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    await _refused(load, "\n".join(lines), "no-aliases")


async def test_tags_that_would_run_programs_are_refused(load: Load, tmp_path: Path):
    mark = tmp_path / "ran"
    await _refused(load, f"products: !!python/object/apply:os.system ['touch {mark}']", "no-tags")
    assert not mark.exists()


async def test_a_file_of_ten_megabytes_is_refused_unread(load: Load):
    await _refused(load, "# " + "x" * 10_000_000, "file-too-large")


async def test_depth_is_bounded(load: Load):
    await _refused(load, "products: " + "[" * 100_000, "too-deep")
    await _refused(load, "products:\n" + "".join(f"{' ' * n}-\n" for n in range(1, 1000)), "too-deep")


async def test_what_is_no_yaml_is_refused_with_a_sentence(load: Load):
    for text in ("products: [", "a: b: c", b"\xff\xfe\x00", b"products: \xc3\x28", "products: \0", ""):
        refused = await load(text, tenant="hostile")
        assert refused.exit_code == 1
        assert re.search(r"assortment\.yaml:[0-9]+: [a-z-]+: ", refused.output), refused.output
    await _refused(load, "products: []\n---\nproducts: []", "many-documents")
    await _refused(load, "- products", "not-a-mapping")
    await _refused(load, "products: []", "missing")
    await _refused(load, 'channels: {}\nproducts: [{family: "Edi\\0tor"}]', "out-of-range")


async def _refused(load: Load, text: str, code: str) -> None:
    started = time.monotonic()
    refused = await load(text, tenant="hostile")
    assert refused.exit_code == 1
    assert f": {code}: " in refused.output, refused.output[:500]
    assert time.monotonic() - started < 3

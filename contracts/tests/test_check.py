"""The check lists every broken promise and says what to do; each rule is seen to fail."""

import json
import shutil
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from contracts.__main__ import HERE, app
from contracts.event import Audience, DeclarationError, Internal, Part, Public, Sealed
from contracts.privacy import ALLOWED, PERSONAL, PSEUDONYMS, audience_faults, personal_faults, pseudonym_faults
from contracts.topics import SERVICES, dead_letters
from typer.testing import CliRunner, Result

from contracts import Event, rendering

SALE = "0192d3a4-0000-7000-8000-000000000301"


class Careless(Part):
    """A part whose author forgot to say who reads it."""

    colour: str


def run(command: str, root: Path) -> Result:
    return CliRunner().invoke(app, [command, "--root", str(root)])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the check passes."""
    path = tmp_path_factory.mktemp("sound")
    run("render", path)
    run("release", path)
    return path


@pytest.fixture
def root(sound: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return shutil.copytree(sound, tmp_path, dirs_exist_ok=True)


def test_the_repository_keeps_every_promise():
    checked = run("check", HERE)

    assert checked.exit_code == 0, checked.output


def test_what_is_rendered_and_released_passes(root: Path):
    assert run("check", root).exit_code == 0


def test_rendering_twice_changes_nothing(root: Path):
    assert run("render", root).output == ""


@pytest.mark.parametrize(
    "path", ["rendered/asyncapi.yaml", "rendered/schemas/OrderPaid.json", "rendered/examples/OrderPaid.json"]
)
@pytest.mark.parametrize("damage", ["stale", "missing"])
def test_a_stale_or_missing_file_fails_until_it_is_rendered(root: Path, path: str, damage: str):
    file = root / path
    file.unlink() if damage == "missing" else file.write_bytes(file.read_bytes() + b"\n")

    checked = run("check", root)

    assert checked.exit_code == 1
    assert f"{path}: it is {damage}. Run `python -m contracts render`" in checked.output
    run("render", root)
    assert run("check", root).exit_code == 0


def test_an_extra_file_fails_until_it_is_gone(root: Path):
    (root / "rendered/schemas/OrderLost.json").write_text("{}")

    checked = run("check", root)

    assert checked.exit_code == 1
    assert "rendered/schemas/OrderLost.json: it should not be there" in checked.output
    run("render", root)
    assert not (root / "rendered/schemas/OrderLost.json").exists()


def test_the_table_in_the_readme_is_rendered_and_the_words_around_it_stay(root: Path):
    readme = root / "README.md"
    fresh = readme.read_text()
    readme.write_text(
        "Our words\n\n" + fresh.replace("| OrderPaid | orders | order |", "| OrderPaid | us | it |") + "ours"
    )

    checked = run("check", root)

    assert "README.md: it is stale" in checked.output
    run("render", root)
    assert readme.read_text() == "Our words\n\n" + fresh + "ours"


@pytest.mark.parametrize("damage", ["stale", "missing"])
def test_the_list_for_partners_stands_on_their_pages_beside_the_contracts(sound: Path, tmp_path: Path, damage: str):
    root, page = shutil.copytree(sound, tmp_path / "contracts"), tmp_path / "docs" / "partners" / "events.md"
    page.parent.mkdir(parents=True)
    assert "../docs/partners/events.md" in run("render", root).output
    assert run("check", root).exit_code == 0
    page.unlink() if damage == "missing" else page.write_text("ours")

    checked = run("check", root)

    assert checked.exit_code == 1
    assert f"../docs/partners/events.md: it is {damage}. Run `python -m contracts render`" in checked.output


@pytest.mark.parametrize("content", [None, "", "[]", '{"released": {}}'])
def test_a_missing_or_broken_snapshot_fails(root: Path, content: str | None):
    snapshot = root / "released.json"
    snapshot.unlink() if content is None else snapshot.write_text(content)

    checked = run("check", root)

    assert checked.exit_code == 1
    assert "released.json: it is" in checked.output


def test_a_break_of_the_last_release_fails_and_cannot_be_released(root: Path):  # PLT-3
    snapshot = root / "released.json"
    released = json.loads(snapshot.read_bytes())
    released["events"]["OrderPaid"]["properties"]["discount"] = {"type": "integer", "x-audience": "public"}
    before = json.dumps(released)
    snapshot.write_text(before)

    for command in ("check", "release"):
        done = run(command, root)
        assert done.exit_code == 1
        assert "OrderPaid.discount: the field is gone. Declare the changed event as a version=2" in done.output
    assert snapshot.read_text() == before


def test_everything_is_listed_at_once(root: Path):
    (root / "released.json").unlink()
    (root / "rendered/asyncapi.yaml").unlink()
    (root / "rendered/extra.txt").write_text("")

    checked = run("check", root)

    assert all(what in checked.output for what in ("released.json", "asyncapi.yaml", "extra.txt", "3 to mend."))


def test_a_field_without_audience_cannot_even_be_declared(declare: Any):
    with pytest.raises(DeclarationError, match=r"Careless.colour: say Public, Internal or Sealed"):
        declare({"sale": Public[UUID], "what": (Public[list[Careless] | None], None)})


def test_a_field_that_lost_its_audience_fails(declare: Any):
    event = declare({"sale": Public[UUID], "colour": Public[str]})
    event.model_fields["colour"].metadata.clear()

    assert [(fault.where, fault.what) for fault in audience_faults([event])] == [
        ("shop.Sold.colour", "nobody says who may read it")
    ]


@pytest.mark.parametrize("box", [Public[Sealed], Public[list[Sealed]], Annotated[Sealed | None, Audience.INTERNAL]])
def test_a_box_marked_as_something_else_fails(declare: Any, box: Any):
    event = declare({"sale": Public[UUID], "buyer": box})

    assert [fault.where for fault in audience_faults([event])] == ["shop.Sold.buyer"]


@pytest.mark.parametrize("field", ["email", "buyer_name", "billing_address", "phone_number", "payer_iban", "Surname"])
@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.INTERNAL])
def test_a_personal_field_in_clear_fails(declare: Any, field: str, audience: Audience):  # PLT-7 M23
    event = declare({"sale": Public[UUID], field: Annotated[str, audience]})

    assert [fault.where for fault in personal_faults([event], {})] == [f"shop.Sold.{field}"]


@pytest.mark.parametrize("word", sorted(PERSONAL))
def test_every_personal_word_counts(declare: Any, word: str):
    event = declare({"sale": Public[UUID], f"their_{word}": Public[str]})

    assert len(personal_faults([event], {})) == 1


@pytest.mark.parametrize("word", sorted(PSEUDONYMS))
def test_partners_see_no_id_that_is_the_same_in_every_channel(declare: Any, word: str):  # PLT-7
    for kind in (UUID, UUID | None):
        event = declare({"sale": Public[UUID], word: Public[kind]})
        assert [fault.where for fault in pseudonym_faults([event])] == [f"shop.Sold.{word}"]
    others = declare({"sale": Public[UUID], f"uses_per_{word}": Public[int], word: Internal[UUID]})
    assert pseudonym_faults([others, *Event.ALL.values()]) == []


def test_a_personal_field_in_a_box_passes(declare: Any):
    event = declare({"sale": Public[UUID], "email": Sealed, "name": (Sealed | None, None)})

    assert personal_faults([event], {}) == []


def test_a_personal_field_passes_with_a_reason(declare: Any):
    event = declare({"sale": Public[UUID], "name": Public[str]})

    assert personal_faults([event], {"shop.Sold.name": "goods"}) == []


def test_a_permission_that_nothing_needs_fails(declare: Any):
    event = declare({"sale": Public[UUID]})

    assert [fault.where for fault in personal_faults([event], {"shop.Sold.name": "goods"})] == ["shop.Sold.name"]


def test_every_permission_has_a_reason():
    assert all(len(reason.split()) > 2 for reason in ALLOWED.values())


@pytest.mark.parametrize(
    ("example", "where"),
    [
        ({"tenant": "kontor", "sale": "no id"}, "Sold"),
        ({"sale": SALE}, "Sold.tenant"),
        ({"tenant": "kontor", "sale": SALE}, "Sold.note"),
        ({"tenant": "a\0b", "sale": SALE, "note": ""}, "Sold"),
    ],
)
def test_a_wrong_or_partial_example_fails(declare: Any, example: dict[str, Any], where: str):
    event = declare({"sale": Public[UUID], "note": (Public[str], "")}, example=example)

    assert where in {fault.where for fault in rendering.example_faults({"Sold": event})}


def test_the_check_sees_classes_files_and_release_together(root: Path, declare: Any):
    declare({"sale": Public[UUID], "email": Public[str]}, example={"tenant": "kontor", "sale": SALE, "email": "a"})

    checked = run("check", root)

    assert checked.exit_code == 1
    assert "shop.Sold.email: it looks personal" in checked.output
    assert "rendered/schemas/Sold.json: it is missing" in checked.output
    assert run("release", root).exit_code == 1
    assert "Sold" not in json.loads((root / "released.json").read_bytes())["events"]


def test_topics_are_printed():
    printed = CliRunner().invoke(app, ["topics"]).output.splitlines()

    assert "OrderPaid 7776000000" in printed
    assert "ProductPublished -1" in printed
    assert len(printed) == len(Event.ALL) + len(dead_letters(SERVICES))

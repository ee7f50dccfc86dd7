"""Sealed fields open with their private half alone."""

import base64
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from chassis.identity.sealing import MasterKey, SealBroken, new_key_pair, new_master_key, open_box, seal
from contracts.event import Sealed, SubjectKey

TEXT = "Jürgen Müßig <jürgen@example.com>"


@pytest.fixture
def private() -> bytes:
    return new_key_pair()[0]


@pytest.fixture
def pair() -> tuple[bytes, SubjectKey]:
    private, public = new_key_pair()
    return private, SubjectKey(key=uuid4(), public=public)


def test_a_box_opens_with_its_private_half_and_hides_its_text(pair: tuple[bytes, SubjectKey]):
    private, key = pair
    box = seal(TEXT, key, "email")
    assert open_box(box, private) == TEXT
    assert TEXT.encode() not in box.box
    assert TEXT not in repr(box)


def test_a_box_survives_its_text_form(pair: tuple[bytes, SubjectKey]):
    private, key = pair
    assert open_box(Sealed.parse(str(seal(TEXT, key, "email"))), private) == TEXT


def test_equal_texts_make_different_boxes(pair: tuple[bytes, SubjectKey]):
    _, key = pair
    assert seal(TEXT, key, "email").box != seal(TEXT, key, "email").box


def test_an_empty_text_can_be_sealed(pair: tuple[bytes, SubjectKey]):
    private, key = pair
    assert open_box(seal("", key, "company"), private) == ""


def test_a_box_passed_off_as_another_kind_does_not_open(pair: tuple[bytes, SubjectKey]):
    private, key = pair
    box = seal(TEXT, key, "email")
    with pytest.raises(SealBroken):
        open_box(box.model_copy(update={"kind": "name"}), private)


def test_a_box_passed_off_as_another_keys_does_not_open(pair: tuple[bytes, SubjectKey]):
    private, key = pair
    box = seal(TEXT, key, "email")
    with pytest.raises(SealBroken):
        open_box(box.model_copy(update={"key": uuid4()}), private)


def test_a_foreign_private_half_does_not_open_a_box(pair: tuple[bytes, SubjectKey]):
    box = seal(TEXT, pair[1], "email")
    with pytest.raises(SealBroken):
        open_box(box, new_key_pair()[0])


@pytest.mark.parametrize("at", [0, 31, 32, -1])
def test_one_changed_bit_anywhere_breaks_the_box(pair: tuple[bytes, SubjectKey], at: int):
    private, key = pair
    box = seal(TEXT, key, "email")
    changed = bytearray(box.box)
    changed[at] ^= 1
    with pytest.raises(SealBroken):
        open_box(box.model_copy(update={"box": bytes(changed)}), private)


@pytest.mark.parametrize("raw", [b"", b"short", bytes(48), bytes(5000)])
def test_what_never_was_a_box_does_not_open(pair: tuple[bytes, SubjectKey], raw: bytes):
    private, key = pair
    with pytest.raises(SealBroken):
        open_box(Sealed(key=key.key, kind="email", box=raw), private)


@pytest.mark.parametrize("public", [b"", b"short", bytes(32), bytes(33)])
def test_nothing_is_sealed_to_what_is_no_key(public: bytes):
    with pytest.raises(SealBroken):
        seal(TEXT, SubjectKey(key=uuid4(), public=public), "email")


def test_a_failure_shows_no_text(pair: tuple[bytes, SubjectKey]):
    with pytest.raises(SealBroken) as caught:
        seal("Müller\ud800", pair[1], "name")
    assert "ller" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_a_wrapped_half_comes_back_for_its_own_key_only(private: bytes):
    master, key = MasterKey([bytes(32)]), uuid4()
    wrapped = master.wrap(private, key)
    assert private not in wrapped
    assert master.unwrap(wrapped, key) == private
    with pytest.raises(SealBroken):
        master.unwrap(wrapped, uuid4())


@pytest.mark.parametrize("cut", [0, 3, 10, 20, -1])
def test_a_shortened_wrap_does_not_open(private: bytes, cut: int):
    master, key = MasterKey([bytes(32)]), uuid4()
    with pytest.raises(SealBroken):
        master.unwrap(master.wrap(private, key)[:cut], key)


def test_rotation_unwraps_the_old_and_wraps_with_the_newest(private: bytes):
    key = uuid4()
    old, new = MasterKey([b"a" * 32]), MasterKey([b"b" * 32, b"a" * 32])
    before = old.wrap(private, key)
    assert new.unwrap(before, key) == private
    after = new.wrap(private, key)
    assert new.unwrap(after, key) == private
    with pytest.raises(SealBroken):
        old.unwrap(after, key)


def test_a_master_key_file_holds_the_newest_first(tmp_path: Path, private: bytes):
    file = tmp_path / "master"
    first, second = new_master_key(), new_master_key()
    file.write_text(f"{first}\n\n{second.rstrip('=')}\n")
    key = UUID(int=7)
    wrapped = MasterKey.from_file(file).wrap(private, key)
    assert MasterKey([base64.urlsafe_b64decode(first)]).unwrap(wrapped, key) == private
    only_second = MasterKey([base64.urlsafe_b64decode(second)]).wrap(private, key)
    assert MasterKey.from_file(file).unwrap(only_second, key) == private


@pytest.mark.parametrize("text", ["", "\n", "AAAA", "not/base64+but+secret!" * 2, "ü" * 43])
def test_a_bad_master_key_file_is_refused_without_quoting_it(tmp_path: Path, text: str):
    file = tmp_path / "master"
    file.write_text(text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 -- any ValueError will do
        MasterKey.from_file(file)
    assert not text.strip() or text not in str(caught.value)


def test_a_master_key_does_not_show_itself():
    key = b"secret-master-key-secret-master-"
    assert "secret-master" not in repr(MasterKey([key])) + str(MasterKey([key]))

from pathlib import Path

import pytest
from chassis.lists import FileRefused, Options
from rewards.usecases.codes import Vault, seal_codes
from rewards.usecases.programme_file import read_programme

VAULT = Vault.from_secret(b"of a test")
DEMO = Path(__file__).parents[4] / "local/data/rewards.yaml"
GOOD = """\
rules:
  - rule: held-meeting
    kind: frequency
    valid_from: 2026-01-01T00:00:00Z
    points: 100
    minimum_minutes: 15
    minimum_participants: 2
"""


def faults_of(content: str) -> list[tuple[int, str]]:
    with pytest.raises(FileRefused) as refused:
        read_programme(content.encode())
    return [(fault.line, f"{fault.code}: {fault.sentence}") for fault in refused.value.faults]


def test_the_demos_programme_gives_a_flight_for_sixty_meetings():  # L17 REW-4
    programme = read_programme(DEMO.read_bytes())
    (rule,) = programme.rules
    flight = next(reward for reward in programme.rewards if reward.id == "flight-1600-km")
    assert rule.points * 60 == flight.points


def test_every_fault_of_a_file_is_reported_with_its_line():
    content = GOOD.replace("points: 100", "points: -1").replace("frequency", "luck") + "    colour: blue\n"
    faults = faults_of(content)
    assert [line for line, _ in faults] == [3, 5, 8]
    assert faults[1][1].startswith("out-of-range: rules.0.points: ")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("a: [", 1),
        ("rules: &x []\nrewards: *x\n", 1),
        (GOOD + "    points: 7\n", 8),
        (GOOD.replace("2026-01-01T00:00:00Z", "2026-13-41"), 4),
        (GOOD.replace("2026-01-01T00:00:00Z", "2026-01-01"), 4),
        (GOOD.replace("2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z"), 4),
        (GOOD.replace("2026-01-01T00:00:00Z", "1767225600"), 4),
        (GOOD.replace("points: 100", "points: 1.5"), 5),
        *(
            (GOOD.replace("points: 100", f"points: {number}"), 5)
            for number in ("true", "0100", "1_000", "1:40", "1e2", "0x64")
        ),
        (GOOD + "    expires_after_days: 5\n    expires_after_months: 5\n", 2),
        (GOOD + "    valid_until: 2025-01-01T00:00:00Z\n", 2),
        ("- 1\n", 1),
        ("", 1),
        ("rules: !!python/object/apply:os.system [ls]\n", 1),
        ("\x00", 1),
        ("[" * 5000, 1),
    ],
)
def test_a_hostile_file_is_refused_at_its_line(content: str, line: int):
    assert faults_of(content)[0][0] == line


def test_a_reward_stands_once_in_a_file():
    entry = "  - {reward: a, kind: miles, names: {de: A, en: A}, points: 1, valid_from: 2026-01-01T00:00:00Z}\n"
    assert faults_of("rewards:\n" + entry * 2) == [(3, "repeated: This reward stands twice.")]


@pytest.mark.parametrize("heading", ["Gutschein-Code", "Voucher codes", "Presentkortskod", "Bon d’achat", "Rabattkod"])
def test_codes_stand_under_their_heading_in_four_languages(heading: str):  # REW-10
    listed = seal_codes(f"Nr;{heading};Wert\n1;AAAA-1111;10\n2;BBBB-2222;20\n".encode("cp1252"), VAULT, Options())
    assert [entry.line for entry in listed.entries] == [2, 3]


def test_codes_are_sealed_once_in_whatever_form_a_list_comes():  # REW-10
    content = "Nr.;Gutscheincode\n1;'AAAA-1111\n2;“BBBB–2222”\n3;aaaa 1111\n".encode("utf-16")
    listed = seal_codes(content, VAULT, Options())
    assert [VAULT.opened(code.box, code.fingerprint) for code in listed.entries] == ["AAAA-1111", "BBBB-2222"]
    assert listed.reading.repeated == [4]
    assert not any(b"1111" in code.box + code.fingerprint for code in listed.entries)


def test_every_fault_of_a_list_of_codes_is_named_without_repeating_a_code():
    content = b"GOOD-CODE-1\nx\nGOOD-CODE-1\n=HYPERLINK(0)\n4.50936E+15\nTotal: 5\n"
    facts = seal_codes(content, VAULT, Options()).reading.facts()
    assert [(line["line"], line["rule"]) for line in facts["faulty"]["lines"]] == [
        (2, "too-short"),
        (4, "formula"),
        (5, "scientific-notation"),
    ]
    assert facts["unlike"]["lines"] == [{"line": 6, "rule": "looks-like-a-total"}]
    assert facts["repeated"]["lines"] == [3]


def test_F_P30_a_card_number_is_a_fault_of_either_file_at_its_line():
    listed = seal_codes(b"GOOD-CODE\n4111-1111-1111-1111\n", VAULT, Options())
    assert listed.reading.faulty == [(2, "looks-like-a-card-number")]
    for number in ("4111 1111 1111 1111", "4111111111111111", '"\\x34111111111111111"'):
        faults = faults_of(GOOD.replace("points: 100", f"points: {number}"))
        assert faults == [(5, "card-number: This looks like a card number, which is kept nowhere.")]

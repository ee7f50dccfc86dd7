"""What a customer reads on a page, of any message of the corpus, shows nothing that a mail would have hidden."""

import re

import pytest
from mail_relay.domain.reading import files, read
from mail_relay.domain.rewriting import Refused, leaks, rewrite
from mail_relay.domain.thread import passages, safe_name

from .building import SECRETS, WAY, Sample, clients, disguised, singles

SAMPLES = [one for one in (*clients(), *disguised(), *singles("parts"), *singles("hostile")) if not one.refused]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_MAIL_5_what_is_read_on_a_page_hides_what_a_mail_hides(sample: Sample):
    copy = rewrite(sample.raw, WAY).raw
    shown = read(copy)
    found = passages(shown.text)
    read_by_people = "\n".join([shown.subject, *(one.text for one in found), *(one.name for one in shown.attachments)])
    secrets = [*(secret for secret in SECRETS if secret not in sample.own), *sample.gone]
    assert not leaks(read_by_people.encode(), secrets)
    # each line is in a passage, once
    assert re.sub(r"\s+", "", "".join(one.text for one in found)) == re.sub(r"\s+", "", shown.text)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", read_by_people)
    assert [one for one, _ in files(copy)] == list(shown.attachments)
    assert not [one.name for one in shown.attachments if set("/\\\0") & set(safe_name(one.name))]


@pytest.mark.parametrize("cut", range(0, 100, 9))
def test_a_message_that_was_torn_anywhere_is_read_or_refused(cut: int):
    for sample in SAMPLES[:: max(1, len(SAMPLES) // 40)]:
        torn = sample.raw[: len(sample.raw) * cut // 100]
        try:
            copy = rewrite(torn, WAY).raw
        except Refused:
            copy = torn
        assert isinstance(passages(read(copy).text), list)
        assert len(list(files(copy))) == len(read(copy).attachments)

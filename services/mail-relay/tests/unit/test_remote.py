"""A page that is shown fetches nothing from elsewhere: no server learns who reads, and when (K12)."""

import re

import pytest
from mail_relay.domain.rewriting import Kind, Rewritten, rewrite

from .building import WAY

HEAD = b"From: Anna <anna@firma.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def page(body: str, kind: str = "text/html") -> Rewritten:
    return rewrite(HEAD + f"Content-Type: {kind}; charset=utf-8\r\n\r\n{body}\r\n".encode(), WAY)


URL = "https://track.example/open?id=1"
REMOTE = [
    f'<img src="{URL}">',
    f"<IMG/SRC={URL}>",
    "<img src=//track.example/1>",
    "<img src='ht&#116;ps://track.example/1'>",
    '<img src="htt\tps://track.example/1">',
    f'<img src="cid:a" srcset="{URL} 2x">',
    f'<td background="{URL}">x</td>',
    f'<p style="background: url({URL})">x</p>',
    f"<p style='background: u\\72l({URL})'>x</p>",
    f"<p style='background: url(&quot;cid:a&quot; url({URL}))'>x</p>",
    f"<p style='background: ur/**/l({URL}); x: url({URL})'>x</p>",
    f"<p style='background: image-set(\"{URL}\" 1x)'>x</p>",
    f"<style>@import '{URL}'; p {{ x: url( '{URL}' ) }}</style>",
    f'<link rel="stylesheet" href="{URL}">',
    f'<base href="{URL}"><img src="one.png">',
    f'<meta http-equiv="refresh" content="0;url={URL}">',
    f'<iframe src="{URL}"></iframe>',
    f'<iframe srcdoc="&lt;img src={URL}&gt;"></iframe>',
    f'<object data="{URL}"></object>',
    f'<video poster="{URL}"><source src="{URL}"></video>',
    f'<svg><image xlink:href="{URL}"/><use href="{URL}"/></svg>',
    f'<!--[if mso]><v:fill src="{URL}"/><![endif]-->',
    f'<v:imagedata src="{URL}"/>',
    f'<input type="image" src="{URL}">',
    f'<a href="mailto:x@y.example" ping="{URL}">x</a>',
    f'<noembed><img src="{URL}"></noembed>',
    f'<blockquote><img alt="max" src="{URL}"></blockquote>',
    # each is another page to a program that reads by other rules
    f"<p style=a:url({URL});&#32;src={URL}>x</p>",
    f'<img x=y"z=" src={URL} ">',
    f'<p x=y"> <img z src={URL}> ">',
    f"<!-- a --!> <img src={URL}> -->",
    f"<svg><title><img src={URL}></title></svg>",
    "<svg><title><img src='ht&#9;tps:\\\\track.example'></title></svg>",
    "<svg><style><img src=//track.example></style></svg>",
    f'<svg><rect fill="url({URL}#a)"/></svg>',
    '<meta http-equiv="&#114;efresh" content="0; //track.example/1">',
    f'<meta http-equiv="link" content="<{URL}>; rel=stylesheet">',
    "<svg><style>@&#105;mport '&#104;ttps://track.example'</style></svg>",
    "<svg><style>@im<!-- -->port 'ht<!-- -->tps://track.example'</style></svg>",
    "<svg><style>rect { fill: u&#114;l(&#104;ttps://track.example) }</style></svg>",
    f'<iframe><p title="</iframe><img src={URL}>"></iframe>',
    f'<noscript><p alt="</noscript><img src={URL}>"></noscript>',
    f'<style></style-x><a href="</style><img src={URL}>">',
    f'<object><param name="movie" value="{URL}"></object>',
    f'<img src="cid:a" attributionsrc="{URL}">',
    f'<?import namespace="t" implementation="{URL}">',
    f'<svg><a><animateTransform attributeName="href" values="#;{URL}"/></a></svg>',
    f'<v:image o:src="{URL}"/>',
    f"<p onload=\"fetch('{URL}')\">x</p>",
]


@pytest.mark.parametrize("body", REMOTE)
def test_K12_nothing_is_fetched_from_elsewhere(body: str):
    rewritten = page(f"<p>Guten Tag.</p>{body}")
    assert b"track.example" not in rewritten.raw
    assert rewritten.of(Kind.REMOTE)
    assert b"Guten Tag." in rewritten.raw


LOCAL = [
    '<p>Text <a href="https://docs.example/x">hier</a></p>',
    '<img src="cid:image001.png" width="1">',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<p style="background: url(cid:a); color: red">x</p>',
    '<style>@font {} p { font-family: "\\@MS Mincho"; margin: 0 }</style>',
    "<!--[if mso]><table><tr><td><![endif]-->",
    '<svg><use href="#a"/></svg>',
    '<blockquote cite="https://x.example/1"><p title="https://x.example" data-x="https://x.example">x</p></blockquote>',
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
    "<style><!-- p { margin: 0 } --></style><svg><style><![CDATA[ a > b { fill: url(#a) } ]]></style></svg>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd"><p>x</p>',
    '<html xmlns="http://www.w3.org/1999/xhtml"><p>x</p></html>',
    "<style>v\\:* {behavior:url(#default#VML);} /* see https://x.example */ p { margin: 0 }</style>",
]


@pytest.mark.parametrize("body", LOCAL)
def test_what_came_with_the_message_and_links_stay(body: str):
    rewritten = page(body)
    assert body.encode() in rewritten.raw
    assert not rewritten.of(Kind.REMOTE)


def test_K12_what_follows_a_value_without_quotes_does_not_take_its_place():
    assert b"<td background=# //track.example/x>" in page(f"<td background={URL} //track.example/x>y</td>").raw


def test_what_was_removed_is_marked_where_it_could_be_seen():
    seen = page(f'<img src="{URL}" width="200"><iframe src="{URL}"></iframe>').raw
    assert b"[removed: remote image][removed: remote content]" in seen
    assert b"removed" not in page(f'<img src="{URL}" width="1" height="1">').raw


def test_a_page_that_is_too_long_to_be_taken_apart_goes_without_what_it_could_fetch_or_not_at_all():
    text = "<p>Ein Satz.</p>\r\n" * 70_000
    assert page(text).raw.count(b"Ein Satz.") == 70_000
    assert page(f'{text}<img src="{URL}">').of(Kind.TAKEN_OUT) == ["text/html"]


@pytest.mark.parametrize("kind", ["text/csv", "text/markdown", "text/x-log", "text/troff", "text/rtf"])
def test_MAIL_5_a_text_of_any_kind_is_rewritten_like_a_plain_one(kind: str):
    hidden = WAY.hidden[0]
    body = f"--q\r\n\r\nx\r\n--q\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n"
    raw = f"Content-Type: multipart/mixed; boundary=q\r\n\r\n{body}> {hidden} schrieb\r\n--q--\r\n".encode()
    assert not re.search(re.escape(hidden.encode()), rewrite(HEAD + raw, WAY).raw)

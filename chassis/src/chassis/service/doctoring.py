"""The operator's command that tells what is wrong with a service's surroundings, and what to do next."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic_core import to_json

from chassis.config.settings import ServiceSettings
from chassis.doctor.diagnosis import Diagnosis, Grade

if TYPE_CHECKING:
    from chassis.doctor.examination import Patient
    from chassis.service.service import Service

AsJson = Annotated[bool, typer.Option("--json", help="Print a list of diagnoses as JSON.")]
COLORS = {Grade.OK: "green", Grade.WARNING: "yellow", Grade.ERROR: "red"}
Found = Mapping[str, Sequence[Diagnosis]]


def examine_all(services: Sequence[tuple["Service[Any]", ServiceSettings]]) -> dict[str, Sequence[Diagnosis]]:
    """Return what an examination finds of each service, one service after the other."""
    return {service.name: asyncio.run(_examine(service, settings)) for service, settings in services}


async def _examine(service: "Service[Any]", settings: ServiceSettings) -> Sequence[Diagnosis]:
    from chassis.doctor.examination import examine

    return await examine(patient_of(service), settings)


def patient_of(service: "Service[Any]") -> "Patient":
    """Return a service as the doctor knows it."""
    from chassis.doctor.examination import Patient

    doors = service.doors
    return Patient(service.name, service.series, service.reactions.topics, doors.provide, doors.examine)


def show(found: Found, *, as_json: bool) -> None:
    """Print what was found; exits with code 1 where something is wrong."""
    if as_json:
        rows = [{"service": name, **asdict(diagnosis)} for name, diagnoses in found.items() for diagnosis in diagnoses]
        typer.echo(to_json(rows, indent=2).decode())
    else:
        for name, diagnoses in found.items():
            typer.secho(name, bold=True)
            for diagnosis in diagnoses:
                _show(diagnosis)
    if faults := [one for diagnoses in found.values() for one in diagnoses if one.grade is Grade.ERROR]:
        typer.echo(f"{len(faults)} things are wrong." if len(faults) > 1 else "One thing is wrong.", err=True)
        raise typer.Exit(1)


def _show(diagnosis: Diagnosis) -> None:
    grade = typer.style(f"{diagnosis.grade:<8}", fg=COLORS[diagnosis.grade])
    typer.echo(f"  {grade}{diagnosis.check:<13} {diagnosis.text}")
    if diagnosis.next:
        typer.echo(f"  {'':<8}{'':<13} -> {diagnosis.next}")

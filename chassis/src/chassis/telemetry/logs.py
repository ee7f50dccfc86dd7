"""Log lines as JSON on stdout, without personal data.

Their fields have the names of OpenTelemetry's log data model and semantic conventions: `timestamp`, `severity`, `body`
(what is said), `otel.scope.name` (the logger), `service.name`, `trace_id`, `span_id`, `exception`.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping, Set
from types import TracebackType
from typing import Any, Final, cast

import orjson
import structlog

from chassis.telemetry.cards import MASK
from chassis.telemetry.current import current_service
from chassis.telemetry.masking import class_of, mask, mask_field, mask_text
from chassis.telemetry.traces import current_ids

FOREIGN: Final = ("aiohttp", "aiokafka", "faststream", "asyncio", "urllib3", "opentelemetry")
# Their texts name hosts, types and attributes; those of asyncpg or pydantic quote what somebody wrote.
PLAIN_ERRORS: Final = frozenset(
    {AttributeError, ConnectionRefusedError, ConnectionResetError, FileNotFoundError, ImportError, ModuleNotFoundError}
    | {NameError, NotImplementedError, PermissionError, TimeoutError}
)
DETAILS: Final = ("errno", "sqlstate", "schema_name", "table_name", "column_name", "constraint_name")
MOST_FRAMES = 40
DEEPEST_CAUSE = 5
HOUSE: Final = ("chassis", "contracts")
SCOPE: Final = "otel.scope.name"
SEVERITIES: Final = {"debug": "DEBUG", "info": "INFO", "warning": "WARN", "error": "ERROR", "critical": "FATAL"}
EventDict = MutableMapping[str, Any]


def configure(service: str, level: int | str = logging.INFO) -> None:
    """Write what this process logs from `level` on to stdout, one JSON object a line.

    A line bears the name of the service that it is written in, and `service` outside any.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()] if isinstance(level, str) else level
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Masking(service),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        # that of now: a logger that is first used while stdout is replaced would keep the replacement
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_StructlogHandler()], level=threshold, force=True)
    for name in FOREIGN:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


class _Masking:
    """Processor of structlog that masks log lines and describes exceptions without their values."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        error = _error_of(event.pop("exc_info", None))
        event.pop("stack_info", None)
        scope, body = event.pop("logger", None), mask(event.pop("event", ""))
        about = {"severity": SEVERITIES[method], "body": body, SCOPE: scope}
        shown: dict[str, Any] = {mask_text(name): mask_field(name, value) for name, value in event.items()}
        service = current_service.get() or self._service
        shown |= about | {"service.name": service, **current_ids()}
        if error is not None:
            shown["exception"] = _described(error, frozenset({*HOUSE, service.replace("-", "_")}))
        return shown


def _described(error: BaseException, own: Set[str], depth: int = 0) -> dict[str, Any]:
    frames = [f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in _walk(error)]
    shown: dict[str, Any] = {"type": class_of(error), "stacktrace": "\n".join(frames)}
    if type(error) in PLAIN_ERRORS or type(error).__module__.partition(".")[0] in own:
        shown["message"] = mask_text(str(error))
    for name in DETAILS:
        if isinstance(detail := getattr(error, name, None), str | int):
            shown[name] = mask(detail)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and depth < DEEPEST_CAUSE:
        shown["cause"] = _described(cause, own, depth + 1)
    if isinstance(error, BaseExceptionGroup) and depth < DEEPEST_CAUSE:
        group = cast("BaseExceptionGroup[BaseException]", error)
        shown["group"] = [_described(one, own, depth + 1) for one in group.exceptions]
    return shown


class _StructlogHandler(logging.Handler):
    """Passes on to structlog what libraries log, without the values they put into their messages."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        structlog.get_logger(record.name).log(level, _message_of(record), exc_info=record.exc_info)


def _message_of(record: logging.LogRecord) -> str:
    # asyncio quotes whole tasks with their exceptions, aiohttp the address of the client.
    if record.name.startswith("aiohttp"):
        return str(record.msg)
    if isinstance(record.args, Mapping):
        args: Any = {name: _argument(value) for name, value in record.args.items()}
    else:
        args = tuple(_argument(value) for value in record.args or ())
    try:
        message = str(record.msg) % args if args else str(record.msg)
    except (TypeError, ValueError, KeyError):
        message = str(record.msg)
    if record.name == "asyncio":
        message = message.partition("\n")[0].partition("(")[0]
    error = _error_of(record.exc_info)
    return message.replace(str(error), MASK) if error is not None and str(error) else message


def _argument(value: object) -> Any:
    return class_of(value) if isinstance(value, BaseException) else value


def _error_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return cast("tuple[Any, BaseException | None, Any]", exc_info)[1]
    return sys.exception() if exc_info else None


def _walk(error: BaseException) -> list[tuple[Any, int]]:
    return list(traceback.walk_tb(error.__traceback__))[-MOST_FRAMES:]


def _uncaught(kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger("uncaught").critical("an exception was not caught", exc_info=error or kind())

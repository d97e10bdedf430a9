"""What `settings.LOGGING` is: everything that anybody logs goes through one formatter."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from worksbridge.logs.scrubbing import Scrub, hide_addresses, told

PRODUCT = ("accounts", "calls", "contacts", "federation", "messaging", "worksbridge")
# What a line may carry as `extra`. Others' extras (Django's request, with its query) stay out.
FIELDS = ["method", "path", "route", "status", "ms", "socket", "code", "sockets", "seconds"]


def configuration(*, debug: bool, level: str) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig`: JSON lines, or with `debug` lines for people.

    `level` is that of the product's own lines. Libraries are never asked for more than INFO: at DEBUG they print
    parameters of queries and contexts of templates, and with them what people wrote.
    """
    # Python's warnings too: they would be the only lines in another form.
    logging.captureWarnings(capture=True)
    others = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"scrub": {"()": Scrub}},
        "formatters": {"line": {"()": _formatter, "debug": debug}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["scrub"]}},
        "root": {"handlers": ["console"], "level": others},
        "loggers": {
            # Without handlers of their own, which Django gives them: each line once.
            "django": {"handlers": [], "level": others},
            # Each request has its line already; errors come with their traceback.
            "django.request": {"level": "ERROR"},
            "psycopg.pool": {"level": "WARNING"},
            **{name: {"level": level} for name in PRODUCT},
        },
    }


def _formatter(*, debug: bool) -> structlog.stdlib.ProcessorFormatter:
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(told),
        _without_unknown,
        hide_addresses,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _last(debug)]
    )


def _last(debug: bool) -> Processor:
    if debug:
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _without_unknown(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Without a signed-in member the line names none."""
    return {key: value for key, value in event.items() if value is not None}

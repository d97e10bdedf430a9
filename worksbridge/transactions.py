"""Transactions that PostgreSQL may have to end so that another one can go on."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 5
# deadlock_detected and serialization_failure: https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING = {"40P01", "40001"}


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Run the function in a transaction of its own, and again when PostgreSQL ended it because of another one.

    The product's own actions lock in one order and never wait for each other in a circle; SQL by hand may. What a
    failed attempt would have pushed is forgotten with it. Inside of another transaction it is tried once: only the
    outermost can begin again.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        attempts = 1 if connection.in_atomic_block else ATTEMPTS
        for _attempt in range(attempts - 1):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", "") not in PASSING:
                    raise
        with transaction.atomic():
            return function(*args, **kwargs)

    return run


def give_back_connection() -> None:
    """Give the database connection back before waiting for another server: others need it.

    The next query takes one again. Inside of a transaction nothing happens.
    """
    if not connection.in_atomic_block:
        connection.close()

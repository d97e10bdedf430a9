"""A wrong clock for one Python process: it has this folder on its PYTHONPATH, and CLOCK_FAST in its environment.

Only what says which time it is: how long something takes (time.monotonic) stays true. Not libfaketime, with which
Python's timed waits never end.
"""

import datetime as dt
import os
import time

_FAST = float(os.environ.get("CLOCK_FAST", "0"))
_time, _datetime = time.time, dt.datetime


class _Meta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime)


class _Shifted(_datetime, metaclass=_Meta):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
        return _datetime.now(tz) + dt.timedelta(seconds=_FAST)

    @classmethod
    def utcnow(cls) -> dt.datetime:
        return cls.now(dt.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> dt.datetime:
        return cls.now()


time.time = lambda: _time() + _FAST
dt.datetime = _Shifted

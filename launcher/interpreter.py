"""Which Python makes the environment: the one that runs this file, or the system's when that is clearly faster.

Builds without profile-guided optimisation, as version managers make them, take up to 1.4 times as long for everything.
Run as a script by any Python; prints the path.
"""

import subprocess
import sys
from collections.abc import Sequence

SYSTEM = "/usr/bin/python3"
# Less is noise.
CLEARLY = 0.85
PROBE = """
import sys, time, venv, ensurepip
assert sys.version_info >= (3, 11)
def work():
    started = time.perf_counter()
    kept = {}
    for number in range(100_000):
        kept[number % 500] = [str(number), isinstance(number, int), getattr(kept, "get")]
    return time.perf_counter() - started
print(min(work() for _ in range(3)))
"""


def seconds(python: str) -> float:
    """How long the Python takes for some work; for ever when it cannot make an environment."""
    try:
        told = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=30, check=True)
        return float(told.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return float("inf")


def choose(own: str, system: str) -> str:
    """The Python to use of these two."""
    return system if seconds(system) < CLEARLY * seconds(own) else own


def main(arguments: Sequence[str]) -> int:
    """Print the choice between the Python that runs this and the one named, by default the system's."""
    print(choose(sys.executable, arguments[0] if arguments else SYSTEM))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

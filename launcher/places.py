"""Where data and programs lie, so that the account of the servers can get at them.

A clone below a closed folder (such as /root) cannot be entered by an unprivileged account, and no mode outside our own
folder is ours to change. Then data and programs are in a folder below /var/lib, and a pointer file is in the
place of the data.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from .accounts import Account, can_use
from .errors import LocalError

ELSEWHERE = Path("/var/lib")


def pointer(data: Path) -> Path:
    """Return the file that says where the data is, when it is not at `data`."""
    return data.with_name(data.name + ".elsewhere")


def home(data: Path, account: Account | None) -> Path:
    """Return the folder to use for `data`, created if needed, accessible only to the account."""
    data.parent.mkdir(parents=True, exist_ok=True)
    if data.exists() or can_use(account, data.parent):
        return _own(data, account)
    return _own(_elsewhere(data), account)


def _elsewhere(data: Path) -> Path:
    name = "worksbridge-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    base = ELSEWHERE / name
    if not pointer(data).exists():
        # Removing the pointer means removing the data.
        shutil.rmtree(base, ignore_errors=True)
        pointer(data).write_text(f"{base / data.name}\n")
    base.mkdir(exist_ok=True)
    base.chmod(0o755)
    return base / data.name


def _own(folder: Path, account: Account | None) -> Path:
    folder.mkdir(exist_ok=True)
    if account:
        os.chown(folder, account.uid, account.gid)
    elif folder.stat().st_uid != os.getuid():
        raise LocalError(f"{folder} belongs to another user. Remove it, or run as that user.")
    folder.chmod(0o700)
    return folder


def package_folder(package: str) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LocalError(f"The Python package {package} is missing. Run `make setup`.")
    return Path(next(iter(spec.submodule_search_locations)))


def usable_package(package: str, probe: str, beside: Path, account: Account | None) -> Path:
    """Return the folder of `package`, or of a copy beside the folder `beside` when the account cannot read it.

    `probe` is a file in the package that the account has to read.
    """
    folder = package_folder(package)
    if can_use(account, folder / probe):
        return folder
    version = importlib.metadata.version(package.replace("_", "-"))
    copies = beside.parent / "software" / f"{package}-{version}"
    if not copies.exists():
        _copy([folder, folder.with_name(package + ".libs")], copies)
    return copies / package


def _copy(folders: list[Path], target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    target.parent.chmod(0o755)
    # Under its name only when complete: an interrupted copy is made again.
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    for folder in filter(Path.exists, folders):
        shutil.copytree(folder, unfinished / folder.name, symlinks=True)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)

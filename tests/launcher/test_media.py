"""Finding coturn and Janus: those that are there, else a package unpacked, else what to install."""

import subprocess
from pathlib import Path

import pytest

from launcher import debian, programs
from launcher.debian import Program
from launcher.errors import LocalError


def program(path: Path, ends_with: int = 0) -> Path:
    """Make a program that says nothing and ends so."""
    path.write_text(f"#!/bin/sh\nexit {ends_with}\n")
    path.chmod(0o755)
    return path


class TestFinding:
    @pytest.fixture(autouse=True)
    def nothing_here(self, tmp_path, monkeypatch):
        monkeypatch.setattr(debian, "DATA", tmp_path / "data")
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("TURNSERVER", raising=False)
        monkeypatch.delenv("JANUS", raising=False)

    def test_takes_what_the_environment_names_before_the_path(self, tmp_path, monkeypatch):
        program(tmp_path / "turnserver")
        named = program(tmp_path / "named")
        monkeypatch.setenv("TURNSERVER", str(named))
        assert programs.find("turnserver", "coturn") == Program(named)

    def test_takes_what_is_on_the_path(self, tmp_path):
        found = program(tmp_path / "janus", ends_with=1)
        assert programs.find("janus", "janus") == Program(found)

    def test_passes_over_a_program_without_its_libraries(self, tmp_path):
        program(tmp_path / "janus", ends_with=127)
        with pytest.raises(LocalError):
            programs.find("janus", "janus")

    def test_takes_what_was_unpacked_before(self, tmp_path):
        folder = tmp_path / "data" / "debian" / "janus" / "usr"
        libraries = folder / "lib" / "x86_64-linux-gnu"
        libraries.mkdir(parents=True)
        (folder / "bin").mkdir()
        unpacked = program(folder / "bin" / "janus")
        found = programs.find("janus", "janus")
        assert found == Program(unpacked, libraries)
        assert found.env["LD_LIBRARY_PATH"] == str(libraries)

    def test_says_what_to_install_when_there_is_none(self):
        with pytest.raises(LocalError, match="apt-get install coturn"):
            programs.find("turnserver", "coturn")

    def test_says_when_what_the_environment_names_is_not_there(self, monkeypatch):
        monkeypatch.setenv("JANUS", "/nowhere/janus")
        with pytest.raises(LocalError, match="/nowhere/janus, which does not exist"):
            programs.find("janus", "janus")


class TestFetching:
    """With an apt that has one small package, and lists only after an update."""

    APT = """#!/bin/sh
echo "$@" >> {folder}/asked
case "$*" in
  *update*) touch {folder}/updated ;;
  *--simulate*) [ -e {folder}/updated ] || exit 100; echo "Inst libtiny [1] (2 Debian)"; echo "Inst janus (1 Debian)" ;;
  *download*) [ "$(id -u)" = "$(stat -c %u .)" ] || exit 100; touch libtiny.deb janus.deb ;;
esac
"""
    DPKG = """#!/bin/sh
mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"
echo "$2" >> "$3/archives"
printf '#!/bin/sh\\nexit 0\\n' > "$3/usr/bin/janus"
chmod 755 "$3/usr/bin/janus"
"""

    @pytest.fixture
    def apt(self, tmp_path, monkeypatch):
        for name, text in (("apt-get", self.APT), ("dpkg-deb", self.DPKG)):
            program(tmp_path / name).write_text(text.replace("{folder}", str(tmp_path)))
        monkeypatch.setattr(debian, "DATA", tmp_path / "data")
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return tmp_path / "asked"

    def test_unpacks_the_package_and_what_is_missing(self, apt, tmp_path):
        found = debian.fetch("janus", "janus")
        assert found
        assert found.starts()
        archives = (tmp_path / "data/debian/janus/archives").read_text()
        assert sorted(line.rpartition("/")[2] for line in archives.split()) == ["janus.deb", "libtiny.deb"]
        assert [path.name for path in (tmp_path / "data/debian").iterdir()] == ["janus"], "nothing else is left"

    def test_installs_nothing(self, apt):
        debian.fetch("janus", "janus")
        installs = [line for line in apt.read_text().splitlines() if " install " in f" {line} "]
        assert installs
        assert all("--simulate" in line for line in installs)

    def test_uses_lists_of_its_own_when_the_systems_do_not_do(self, apt, tmp_path):
        debian.fetch("janus", "janus")
        update = next(line for line in apt.read_text().splitlines() if "update" in line)
        assert f"Dir::State::Lists={tmp_path}" in update

    def test_leaves_nothing_when_it_fails(self, apt, tmp_path):
        program(tmp_path / "dpkg-deb", ends_with=1)
        with pytest.raises(subprocess.SubprocessError):
            debian.fetch("janus", "janus")
        assert list((tmp_path / "data/debian").iterdir()) == []

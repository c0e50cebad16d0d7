"""What is built and installed holds everything: the command, the rules, in a wheel, an sdist and
an editable install alike."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import scanner

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
LEFT_OUT = (".*", "__pycache__", "*.egg-info", "build", "dist", "results")


def _run(*command: str | Path, cwd: Path) -> str:
    """What a command prints; it sees no module of the folder that the tests run in."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Installed:
    """A fresh environment with keysweep in it."""

    def __init__(self, home: Path, *requirement: str | Path) -> None:
        venv.create(home / "venv", with_pip=True)
        self.scripts = home / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        self.home = home
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(self.scripts / "python", *install, *requirement, cwd=home)

    def run(self, program: str, *arguments: str) -> str:
        return _run(self.scripts / program, *arguments, cwd=self.home)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, to build in and to change."""
    folder = tmp_path_factory.mktemp("checkout") / "keysweep"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return folder


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist, and of the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--outdir", folder, checkout, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment with the wheel and its dependencies."""
    (wheel,) = built.glob("*.whl")
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture(scope="module")
def editable(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment with an editable install of the copy."""
    return Installed(tmp_path_factory.mktemp("editable"), "--editable", checkout)


def _ids(checkout: Path) -> list[str]:
    texts = [path.read_text("utf-8") for path in (checkout / "rules").glob("*.toml")]
    return sorted(rule["id"] for text in texts for rule in tomllib.loads(text)["rules"])


def _listed(installed: Installed) -> list[str]:
    return [line.split()[0] for line in installed.run("keysweep", "rules", "list").splitlines()]


def test_wheel_holds_the_rules_and_no_tests(built: Path, checkout: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    rules = {name for name in names if name.endswith(".toml")}
    assert rules == {f"scanner/_data/rules/{p.name}" for p in (checkout / "rules").iterdir()}
    assert {"scanner/py.typed", "scanner/_data/randomness.bin"} <= set(names)
    assert {name.partition("/")[0] for name in names} == {
        "scanner", f"keysweep-{scanner.__version__}.dist-info"
    }  # fmt: skip


def test_wheel_runs_on_any_platform_and_brings_its_licence(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert any(name.endswith("licenses/LICENSE") for name in zipfile.ZipFile(wheel).namelist())


def test_sdist_holds_the_rules_and_the_tests(built: Path, checkout: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for pattern in ("rules/*.toml", "tests/**/*.py"):
        expected = {path.relative_to(checkout).as_posix() for path in checkout.glob(pattern)}
        assert expected
        assert expected <= names
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"} <= names


def test_installed_command_knows_every_rule(installed: Installed, checkout: Path) -> None:
    assert _listed(installed) == _ids(checkout)
    assert installed.run("keysweep", "--version").strip().endswith(scanner.__version__)


def test_installed_command_finds_a_key(installed: Installed) -> None:
    key = "be_" + hashlib.sha256(b"installed").hexdigest()[:40]
    (installed.home / "a.py").write_text(f"k = '{key}'\n")
    out = installed.run("keysweep", "scan", "a.py", "--fail-on", "none")
    assert "ByteEngine API key" in out


def test_installed_package_can_be_imported_and_used(installed: Installed) -> None:
    script = "import scanner; print(scanner.__file__, scanner.scan_text('nothing'))"
    out = installed.run("python", "-c", script)
    assert str(ROOT) not in out
    assert out.rstrip().endswith("()")


def test_installed_environment_is_sound(installed: Installed) -> None:
    assert "No broken requirements" in installed.run("python", "-m", "pip", "check")


def test_editable_install_finds_the_rules_beside_the_package(
    editable: Installed, checkout: Path
) -> None:
    assert _listed(editable) == _ids(checkout)
    shown = editable.run("python", "-c", "from scanner.rules import shipped; print(shipped())")
    assert Path(shown.strip()) == checkout / "rules"


def test_editable_install_follows_changes_of_the_rules(editable: Installed, checkout: Path) -> None:
    path = checkout / "rules" / "byteengine.toml"
    before = path.read_text("utf-8")
    path.write_text(before.replace('id = "byteengine-api-key"', 'id = "renamed-key"'), "utf-8")
    try:
        assert "renamed-key" in _listed(editable)
    finally:
        path.write_text(before, "utf-8")

"""The script that makes an ARM64 system finds what apt is told of Debian, and says what it lacks."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
import arm64_root
from arm64_root import SUITE, Impossible, fetch, main, mirror, suite

DEBIAN = 'PRETTY_NAME="Debian"\nVERSION_CODENAME=trixie\nID=debian\n'
OTHER = "VERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n"


@pytest.mark.parametrize(
    "sources",
    [
        "Types: deb\nURIs: http://near.example/debian\nSuites: trixie\n",
        "deb [signed-by=/a.gpg] http://near.example/debian trixie main\n",
        "deb https://tool.example/apt stable main\ndeb http://near.example/debian/ trixie main\n",
    ],
)
def test_the_mirror_is_what_apt_uses(sources):
    assert mirror(DEBIAN, sources) == "http://near.example/debian"
    assert suite(DEBIAN) == "trixie"


def test_security_updates_are_no_mirror():
    assert mirror(DEBIAN, "URIs: http://near.example/debian-security\n") is None


def test_another_system_gets_a_debian_that_works_from_a_mirror_that_is_named():
    assert mirror(OTHER, "URIs: http://near.example/debian\n") is None
    assert suite(OTHER) == SUITE


@pytest.mark.parametrize(
    ("option", "expected", "said"), [([], 1, ""), (["--if-possible"], 0, "not tested here: ")]
)
def test_a_machine_without_the_tools_is_an_error_unless_that_is_allowed(
    monkeypatch, capsys, option, expected, said
):
    monkeypatch.setattr(arm64_root.platform, "system", lambda: "Linux")
    monkeypatch.setattr(arm64_root.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(arm64_root.shutil, "which", lambda name: None if "qemu" in name else name)
    monkeypatch.setattr(arm64_root, "HEADERS", (Path("/"), ""))
    monkeypatch.setattr(sys, "argv", ["arm64_root.py", *option])
    assert main() == expected
    assert (
        capsys.readouterr().err
        == f"arm64: {said}not installed; on Debian: apt-get install qemu-user-static\n"
    )


def test_what_cannot_be_fetched():
    with pytest.raises(Impossible, match="says: no route"):
        fetch(sys.executable, "-c", "print('first'); print('no route'); exit(3)")
    fetch(sys.executable, "-c", "import os; assert os.environ['KEY'] == 'value'", env={"KEY": "value"})


def test_what_takes_too_long_to_fetch(monkeypatch):
    monkeypatch.setattr(arm64_root, "FETCH", 0.1)
    with pytest.raises(Impossible, match="is not done after"):
        fetch(sys.executable, "-c", "import time; time.sleep(60)")

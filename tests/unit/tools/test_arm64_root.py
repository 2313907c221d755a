"""The script that makes an ARM64 system finds what apt is told of Debian."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
from arm64_root import SUITE, mirror, suite

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

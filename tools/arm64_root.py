"""Builds wasmine for ARM64 on an x86-64 machine with Debian's tools, and runs programs there under qemu.

python tools/arm64_root.py                              all tests
python tools/arm64_root.py -m pytest tests/api -q       whatever follows is for the root's Python
python tools/arm64_root.py --build                      only builds
python tools/arm64_root.py --if-possible ...            if this machine cannot: says why, and that is all

Everything is kept in build/arm64, and made again only where it is missing or older than its source:

    root      a Debian for ARM64 with Python; no package in it is configured, nothing but Python runs there
    temp      object files; the C is that of build/cython, for it is the same on all machines
    lib       the extension; the root sees it in src, in place of this machine's
    wheels    a list of the test dependencies that the root has

The checkout is seen in the root as /wasmine, and the official test suite beside it as /shared/testsuite.
Needs root's rights, for chroot and mount, or user namespaces; says which packages are missing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "build" / "arm64"
SYSTEM = CACHE / "root"
LIBRARY = CACHE / "lib"
QEMU = "qemu-aarch64-static"
COMPILER = "aarch64-linux-gnu-gcc"
# What must be there, and the package that has it.
PROGRAMS = {
    "debootstrap": "debootstrap",
    QEMU: "qemu-user-static",
    COMPILER: "gcc-aarch64-linux-gnu",
    "gcc": "gcc",
    "dpkg-deb": "dpkg",
    "unshare": "util-linux",
}
HEADERS = (Path("/usr/aarch64-linux-gnu/include/stdio.h"), "libc6-dev-arm64-cross")
SUITE = "bookworm"
PACKAGES = "python3,python3-dev"
# Wheels are asked for by the platforms that the root's C library can run.
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64")
WORKERS = "2"
# Bytes of address space that qemu gives out. It keeps a record of every page that was ever in use, and unless
# the space is limited takes a new place for each guarded memory.
ADDRESS_SPACE = 1 << 39
# Seconds that a test may take: ten times what it may elsewhere.
TEST = 3000

# Python starts itself by its path, which the kernel of another machine cannot run: so that path is a program
# of this machine.
LAUNCHER = """
#include <unistd.h>

int main(int count, char **words) {
    char *all[count + 4];
    all[0] = (char *)"qemu-aarch64-static";
    all[1] = (char *)"-0";
    all[2] = words[0];
    all[3] = (char *)"/usr/bin/python3";
    for (int i = 1; i <= count; i++)
        all[i + 3] = words[i];
    execv("/usr/bin/qemu-aarch64-static", all);
    return 127;
}
"""

# In namespaces of its own, so that no mount outlives the process. No cores: they would be of all
# the memory that is reserved.
ENTER = """
set -e
ulimit -c 0
mount --bind "$1" "$2/wasmine"
mount -t overlay overlay -o "lowerdir=$4:$1/src" "$2/wasmine/src"
[ -z "$3" ] || mount --bind "$3" "$2/shared/testsuite"
mount -t proc proc "$2/proc" 2>/dev/null || mount --rbind /proc "$2/proc"
mount --rbind /dev "$2/dev"
root=$2
shift 4
exec chroot "$root" /usr/bin/qemu-aarch64-static /usr/bin/env -C /wasmine /usr/local/bin/python "$@"
"""


# No network is waited for. Seconds: for one answer, and for all that a program fetches.
ANSWER = 20
FETCH = 600
WGET = f"timeout = {ANSWER}\ntries = 2\n"
RIGHTS = ("unshare", "--user", "--map-root-user", "--mount")


class Impossible(Exception):
    """What this machine lacks."""


def say(text: str) -> None:
    print(f"arm64: {text}", file=sys.stderr, flush=True)


def run(*words: str | Path, env: dict[str, str] | None = None) -> None:
    """Runs a program; when it fails, that is the end."""
    result = subprocess.run(words, cwd=ROOT, env=None if env is None else os.environ | env, check=False)
    if result.returncode:
        sys.exit(f"arm64: failed with {result.returncode}: {' '.join(map(str, words))}")


def fetch(*words: str | Path, env: dict[str, str] | None = None) -> None:
    """Runs a program that needs the network."""
    try:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=os.environ | (env or {}),
            timeout=FETCH,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Impossible(f"{words[0]} is not done after {FETCH} seconds") from None
    if done.returncode:
        last = done.stdout.strip().rpartition("\n")[2]
        raise Impossible(f"{words[0]} cannot fetch what is needed; it says: {last}")


def check_machine() -> None:
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "AMD64"):
        raise Impossible("this is for x86-64 Linux; on an ARM64 machine, `make test` runs the same tests")
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if not HEADERS[0].exists():
        missing.append(HEADERS[1])
    if missing:
        raise Impossible(f"not installed; on Debian: apt-get install {' '.join(sorted(missing))}")


def gain_rights() -> None:
    """Begins anew as root of a user namespace, where there are no root's rights yet."""
    if os.geteuid() != 0:
        if subprocess.run([*RIGHTS, "true"], capture_output=True, check=False).returncode:
            raise Impossible("neither root's rights nor user namespaces, for mount and chroot")
        # There is no owner but root in there.
        os.environ["TAR_OPTIONS"] = "--no-same-owner"
        os.execvp(RIGHTS[0], [*RIGHTS, sys.executable, *sys.argv])
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        raise Impossible("a root that may not mount")


# --- the root


def mirror(release: str, sources: str) -> str | None:
    """Where a Debian machine gets its packages from; None where that is not told.

    Given its /etc/os-release and apt's lists of sources, of either format.
    """
    if not re.search(r"^ID=debian$", release, re.MULTILINE):
        return None
    found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?) *(\S+/debian)/?(?=\s|$)", sources, re.MULTILINE)
    return found[1] if found else None


def suite(release: str) -> str:
    """The machine's own release if it is a Debian, else one that is known to work."""
    name = re.search(r"^VERSION_CODENAME=(\w+)", release, re.MULTILINE)
    return name[1] if name and re.search(r"^ID=debian$", release, re.MULTILINE) else SUITE


def apt_sources() -> str:
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


def make_system() -> None:
    if (SYSTEM / "usr/local/bin/python").exists():
        return
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    address = os.environ.get("DEBIAN_MIRROR") or mirror(release, apt_sources())
    if address is None:
        raise Impossible("apt is told of no mirror of Debian; name one: DEBIAN_MIRROR=ADDRESS")
    say(f"unpacking Debian {suite(release)} for ARM64 from {address}")
    part = SYSTEM.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    settings = CACHE / "wgetrc"
    settings.write_text(WGET, encoding="utf-8")
    fetch(
        *("debootstrap", "--foreign", "--arch=arm64", "--variant=minbase", f"--include={PACKAGES}"),
        *(suite(release), part, address),
        # Whoever is in such a container may make no devices; none are needed.
        env={"WGETRC": str(settings), "container": "lxc"},
    )
    for archive in sorted((part / "var/cache/apt/archives").glob("*.deb")):
        unpack(archive, part)
        archive.unlink()
    if (part / "proc").is_symlink():  # to the same place outside: so debootstrap does in containers
        (part / "proc").unlink()
    for folder in ("wasmine", "shared/testsuite", "proc", "dev", "tmp"):
        (part / folder).mkdir(parents=True, exist_ok=True)
    (part / "tmp").chmod(0o1777)
    (part / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n", encoding="utf-8")
    (part / "etc/group").write_text("root:x:0:\n", encoding="utf-8")
    (part / "etc/hosts").write_text("127.0.0.1 localhost\n", encoding="utf-8")
    qemu = shutil.which(QEMU)
    assert qemu is not None
    shutil.copy(qemu, part / "usr/bin" / QEMU)
    (part / "usr/local/bin").mkdir(parents=True, exist_ok=True)
    source = CACHE / "launcher.c"
    source.write_text(LAUNCHER, encoding="utf-8")
    run("gcc", "-static", "-O2", "-o", part / "usr/local/bin/python", source)
    part.rename(SYSTEM)


def unpack(archive: Path, folder: Path) -> None:
    """What `dpkg -x` does, but links to folders stay: /bin is one."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as reader:
        subprocess.run(
            ["tar", "-x", "--keep-directory-symlink", "-C", folder], stdin=reader.stdout, check=True
        )


def python_version() -> str:
    (stdlib,) = (SYSTEM / "usr/lib").glob("python3.*")
    return stdlib.name.removeprefix("python")


def install_tests() -> None:
    """The packages that tests import, as wheels for the root's Python."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = "\n".join(metadata["dependency-groups"]["test"])
    done = CACHE / "wheels"
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return
    say("installing the packages that the tests need")
    version = python_version()
    target = SYSTEM / "usr/local/lib" / f"python{version}" / "dist-packages"
    shutil.rmtree(target, ignore_errors=True)
    fetch(
        *(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", target),
        *("--timeout", str(ANSWER), "--retries", "2"),
        *("--only-binary=:all:", "--python-version", version, "--implementation", "cp"),
        *(word for platform_tag in PLATFORMS for word in ("--platform", platform_tag)),
        *wanted.split("\n"),
    )
    done.write_text(wanted, encoding="utf-8")


# --- the extension


def build() -> None:
    """The same `setup.py`, told of another compiler, and of Python's headers for that machine.

    What stands in `lib` covers `src` in the root; an extension of this machine there, by a mark that overlays
    understand as "nothing".
    """
    version = python_version()
    ccache = "ccache " if shutil.which("ccache") else ""
    include = SYSTEM / "usr/include"
    run(
        *(sys.executable, "setup.py", "-q", "build_ext"),
        *("--build-lib", LIBRARY, "--build-temp", CACHE / "temp"),
        env={
            "CC": f"{ccache}{COMPILER}",
            "LDSHARED": f"{COMPILER} -shared",
            "CFLAGS": f"-I{include}/python{version} -idirafter {include}",
            "LDFLAGS": "",
            "SETUPTOOLS_EXT_SUFFIX": f".cpython-{version.replace('.', '')}-aarch64-linux-gnu.so",
        },
    )
    for own in (ROOT / "src" / "wasmine").glob("*.so"):
        if not (mark := LIBRARY / "wasmine" / own.name).exists():
            os.mknod(mark, stat.S_IFCHR, os.makedev(0, 0))


# --- running


def find_suite() -> str:
    """Where the official test suite is: as the tests look for it."""
    folder = Path(os.environ.get("WASMINE_TESTSUITE", ROOT.parent / "shared" / "testsuite"))
    return str(folder.resolve()) if folder.is_dir() else ""


def command() -> tuple[list[str], dict[str, str]]:
    """What starts the root's Python when words for it are appended, and the environment for that."""
    keep = ("TERM", "LANG")
    env = {name: value for name, value in os.environ.items() if name in keep or name.startswith("QEMU_")}
    env |= {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "PYTHONPATH": "/wasmine/src",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    env.setdefault("QEMU_RESERVED_VA", hex(ADDRESS_SPACE))
    env["PYTEST_TIMEOUT"] = str(TEST)
    env["WASMINE_EMULATED"] = "1"  # for tests of how long something takes
    if find_suite():
        env["WASMINE_TESTSUITE"] = "/shared/testsuite"
    for name, value in os.environ.items():
        if name.startswith("WASMINE_") and name != "WASMINE_TESTSUITE":
            env[name] = value
    script = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        ENTER,
        "enter",
        str(ROOT),
        str(SYSTEM),
        find_suite(),
        str(LIBRARY),
    ]
    return script, env


def python(words: list[str]) -> int:
    script, env = command()
    return subprocess.run([*script, *words], env=env, check=False).returncode


def prepare() -> None:
    """All that is needed to run Python in the root, and the extension."""
    check_machine()
    gain_rights()
    make_system()
    install_tests()
    build()


def main() -> int:
    words = sys.argv[1:]
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    optional = words[:1] == ["--if-possible"]
    words = words[optional:]
    try:
        prepare()
    except Impossible as reason:
        say(f"not tested here: {reason}" if optional else str(reason))
        return 0 if optional else 1
    if words == ["--build"]:
        return 0
    return python(words or ["-m", "pytest", "-n", WORKERS, "--dist", "worksteal", "tests"])


if __name__ == "__main__":
    sys.exit(main())

"""What the pages in docs/ show is what the commands print."""

import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_listing_in_the_debugging_page(tmp_path: Path) -> None:
    text = (DOCS / "debugging.md").read_text(encoding="utf-8")
    module, listing = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[:2]
    file = tmp_path / "fib.wat"
    file.write_text(module)
    command = [sys.executable, "-m", "wasmine", "run", "--dump-ir=fib", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.stdout.strip(), result.stderr, result.returncode) == (listing.strip(), "", 0)


def test_links_between_the_pages() -> None:
    for page in (*DOCS.glob("*.md"), DOCS.parent / "README.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"

"""The printer's text is that of the standard: another engine's parser makes the same bytes of it."""

from pathlib import Path

import pytest
import wasmtime

from wasmine.text import parse_module, print_module

ROOT = Path(__file__).resolve().parents[3]
BINARIES = [*sorted((ROOT / "bench/programs").glob("*/*.wasm")), ROOT / "programs/bin/bzip2.wasm"]
TEXTS = sorted((Path(__file__).parent / "modules").glob("*.wat"))


@pytest.mark.parametrize("path", [*TEXTS, *BINARIES], ids=lambda path: path.name)
@pytest.mark.parametrize("fold", [False, True], ids=["flat", "folded"])
def test_bytes_of_a_peer(path: Path, fold: bool) -> None:
    binary = path.read_bytes() if path.suffix == ".wasm" else parse_module(path.read_text())
    text = print_module(binary, fold=fold)
    # wasmine's own annotation, a comment to others.
    standard = text.replace("(@datacount)", "")
    assert bytes(wasmtime.wat2wasm(standard)) == parse_module(standard)
    assert bytes(wasmtime.wat2wasm(text)) == parse_module(standard)

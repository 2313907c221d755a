"""The list of features."""

from wasmine.spec.features import FEATURES
from wasmine.spec.opcodes import OPS

# Features that change types, sections or the text, and add no instruction.
WITHOUT_OPCODES = {
    "mutable-global",
    "multi-value",
    "extended-const",
    "multi-memory",
    "memory64",
    "custom-page-sizes",
    "branch-hinting",
    "custom-annotations",
}


def test_keys_are_the_names() -> None:
    assert {feature.name: feature for feature in FEATURES.values()} == FEATURES


def test_standards_and_descriptions() -> None:
    for feature in FEATURES.values():
        assert feature.standard in {"1.0", "2.0", "3.0", "proposal", "legacy"}, feature
        assert feature.title, feature
        assert feature.description.endswith("."), feature


def test_every_other_feature_has_instructions() -> None:
    assert FEATURES.keys() - {op.feature for op in OPS} == WITHOUT_OPCODES

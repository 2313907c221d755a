"""The compiled modules: the one list that the build, the import guard and the tests read."""

COMPILED: tuple[str, ...] = (
    "wasmine.spec.types",
    "wasmine.binary.module",
    "wasmine.binary.reader",
    "wasmine.binary.types",
    "wasmine.binary.sections",
    "wasmine.binary.decode",
    "wasmine.ir.builder",
    "wasmine.ir.lower",
)

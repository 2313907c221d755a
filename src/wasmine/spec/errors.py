"""The exceptions of wasmine.

WasmineError
├── ModuleError         the bytes are no usable module
│   ├── MalformedError  they do not follow the binary format (core specification, section 5)
│   └── InvalidError    they break a rule of validation (section 3), or a limit of this implementation
├── LinkError           imports do not match what is provided (section 4.7, Instantiation)
├── Trap                execution was aborted (section 4.2.3, Results)
└── WasmException       an exception of the module left its last frame (section 4.2.7)
"""


class WasmineError(Exception):
    """Whatever wasmine raises on purpose, apart from the TypeError and ValueError of wrong arguments."""


class ModuleError(WasmineError):
    """A module was rejected.

    `text` is the reason in the words of the standard's test suite; `message` is the whole sentence, which
    begins with it. `offset` counts bytes from the start of the module, `function` is an index into the
    function index space; both are None where they do not apply. `expected` and `found` say what the reader
    wanted and what it met.
    """

    def __init__(
        self,
        text: str,
        offset: int | None = None,
        *,
        function: int | None = None,
        found: str | None = None,
        expected: str | None = None,
    ) -> None:
        self.text = text
        self.offset = offset
        self.function = function
        self.found = found
        self.expected = expected
        self.message = self._sentence()
        super().__init__(self.message)

    def _sentence(self) -> str:
        place = [] if self.function is None else [f"in function {self.function}"]
        if self.offset is not None:
            place.append(f"at byte {self.offset:#x}")
        clash = [] if self.expected is None else [f"expected {self.expected}"]
        if self.found is not None:
            clash.append(f"found {self.found}")
        return ": ".join(part for part in (self.text, ", ".join(place), ", ".join(clash)) if part)

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call the class with the sentence for its text.
        return _rebuild, (type(self), self.text, self.offset, self.function, self.found, self.expected)


class MalformedError(ModuleError):
    """The bytes, or the text, are not a module (core specification, sections 5 and 6)."""


class InvalidError(ModuleError):
    """A well-formed module breaks a rule of validation (core specification, section 3) or a limit."""


class LinkError(WasmineError):
    """An import is missing, or what is provided for it has another type."""


class Trap(WasmineError):
    """Execution was aborted.

    `message` is the reason in the words of the standard's test suite, `code` its number in `spec.traps`, and
    `frames` the calls that were active, innermost first.
    """

    def __init__(self, message: str, code: int = 0, frames: tuple[object, ...] = ()) -> None:
        self.message = message
        self.code = code
        self.frames = frames
        super().__init__(message)


class StackExhausted(Trap, RecursionError):
    """Calls nest deeper than the store's `max_stack` allows."""


class FuelExhausted(Trap):
    """The store's fuel is used up."""


class Timeout(Trap, TimeoutError):
    """The store's wall-clock limit for one call has passed."""


class Interrupted(Trap):
    """`Store.interrupt` was called while the code ran."""


class ResourceError(WasmineError):
    """A limit of the store, or of the machine, forbids to make an instance, a memory or a table."""


class StoreClosed(WasmineError, ValueError):
    """The store was closed; nothing that belongs to it can be used any more."""


class StoreBusy(WasmineError, RuntimeError):
    """A store is used by one thread at a time, and is not closed while its code runs."""


class WasmException(WasmineError):
    """An exception of WebAssembly (core specification, section 4.2.11) that left its last frame.

    A host function raises one to throw it into the code that called it: `raise WasmException(tag, 1, 2.5)`.
    `tag` is a `Tag` of the store, `payload` the tuple of its values, `frames` the calls that it left.
    """

    def __init__(self, tag: object, *payload: object) -> None:
        self.tag = tag
        self.payload = payload
        self.frames: tuple[object, ...] = ()
        super().__init__(tag, *payload)

    def __str__(self) -> str:
        return f"uncaught exception of {self.tag!r}: {', '.join(map(repr, self.payload)) or 'no values'}"


def _rebuild(
    kind: type[ModuleError],
    text: str,
    offset: int | None,
    function: int | None,
    found: str | None,
    expected: str | None,
) -> ModuleError:
    return kind(text, offset, function=function, found=found, expected=expected)

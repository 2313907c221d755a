"""The Wasm type of a Python callable, from its annotations."""

from __future__ import annotations

from wasmine.api.types import FuncType, ValType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from wasmine.api.types import ValTypeLike

POSITIONAL_ONLY_OR_ANY = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")


def explicit_type(
    type: FuncType | None,
    params: Iterable[ValTypeLike] | None,
    results: Iterable[ValTypeLike] | None,
) -> FuncType | None:
    """Return the type that a caller gave, in either of the two ways to give it, or None if he gave none."""
    if type is not None:
        if params is not None or results is not None:
            raise TypeError("give either type, or params and results")
        if not isinstance(type, FuncType):
            raise TypeError(f"type must be a FuncType, not {type.__class__.__name__}")
        return type
    if params is None and results is None:
        return None
    return FuncType(params or (), results or ())


def annotated_type(function: Callable[..., Any], skip: int = 0) -> FuncType | None:
    """Return the type that a callable's annotations spell, or None if it has no annotations.

    `int` means i32, `float` f64, `object` externref; `wasmine.i64` and its like mean what they say. The
    result is one such annotation, `None`, or `tuple[...]` of several. `skip` parameters at the start are not
    Wasm's.

    Raises:
        TypeError: some are annotated and others not, or an annotation means no value type.
    """
    annotations = read_annotations(function)
    if not annotations:
        return None
    name = getattr(function, "__qualname__", repr(function))
    params = []
    for param in parameter_names(function, name)[skip:]:
        if param not in annotations:
            raise TypeError(f"{name}(): parameter {param!r} has no annotation, others have")
        params.append(one_type(annotations[param], f"{name}(): parameter {param!r}"))
    if "return" not in annotations:
        raise TypeError(f"{name}(): the result has no annotation; write '-> None' if there is none")
    return FuncType(params, result_types(annotations["return"], f"{name}(): the result"))


def read_annotations(function: Callable[..., Any]) -> dict[str, Any]:
    """Return a callable's annotations, with those that are strings evaluated where it was defined."""
    target: Any = function
    while hasattr(target, "__wrapped__"):
        target = target.__wrapped__
    if not isinstance(target, type) and not hasattr(target, "__annotations__"):
        target = type(target).__call__ if hasattr(type(target), "__call__") else target  # noqa: B004
    found: dict[str, Any] = dict(getattr(target, "__annotations__", None) or {})
    namespace = getattr(target, "__globals__", {})
    for name, value in found.items():
        if isinstance(value, str):
            try:
                found[name] = eval(value, namespace)
            except NameError as error:
                where = getattr(function, "__qualname__", repr(function))
                raise TypeError(f"{where}(): annotation {value!r} of {name!r}: {error}") from None
    return found


def parameter_names(function: Callable[..., Any], name: str) -> list[str]:
    """Return the names of the parameters that a call from Wasm fills, which are all positional ones."""
    code = getattr(function, "__code__", None)
    bound = getattr(function, "__self__", None) is not None
    if code is None and bound:
        code = getattr(getattr(function, "__func__", None), "__code__", None)
    if code is not None and not hasattr(function, "__wrapped__"):
        if code.co_flags & 0x04:
            raise TypeError(f"{name}(): *{code.co_varnames[code.co_argcount]} has no fixed number of values")
        return list(code.co_varnames[bound : code.co_argcount])

    import inspect

    found = []
    for param in inspect.signature(function).parameters.values():
        if param.kind is param.VAR_POSITIONAL:
            raise TypeError(f"{name}(): *{param.name} has no fixed number of values")
        if param.kind.name in POSITIONAL_ONLY_OR_ANY:
            found.append(param.name)
    return found


def result_types(annotation: Any, what: str) -> list[ValType]:
    """Return the result types that the annotation of a result means."""
    if annotation is None:
        return []
    if getattr(annotation, "__origin__", None) is tuple:
        return [one_type(part, what) for part in annotation.__args__]
    return [one_type(annotation, what)]


def one_type(annotation: Any, what: str) -> ValType:
    """Return the value type that an annotation means."""
    try:
        return ValType.of(annotation)
    except (TypeError, ValueError):
        shown = getattr(annotation, "__name__", None) or repr(annotation)
        raise TypeError(
            f"{what}: {shown} means no Wasm type; use int (i32), float (f64), wasmine.i64, wasmine.f32, ..."
        ) from None

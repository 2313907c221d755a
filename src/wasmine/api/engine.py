"""Engines: settings, and the types that modules share."""

from __future__ import annotations

# The interpreter tells the runtime at its import how functions are run; the runtime tells it how hosts are
# called.
import wasmine.interp.loop
import wasmine.runtime.call  # noqa: F401
from wasmine.spec.types import TypeRegistry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wasmine.api.config import Config, Tier


class Engine:
    """What modules are loaded with and stores run on.

    Most programs need no engine of their own: `Module`, `Store` and `Linker` use the default one when none is
    given. Modules, stores and linkers that meet must have the same engine. An engine may be used by many
    threads.

    Args:
        config: settings; those of `Config()` when there is none given.

    Raises:
        WasmineError: the settings ask for what this machine or this version cannot do.
    """

    __slots__ = ("__weakref__", "_config", "disabled", "gc_stress", "guarded", "metered", "registry", "tier")

    tier: Tier
    """How functions run (`Config.tier`)."""
    metered: bool
    """Whether the instructions that run are counted (`Config.fuel`)."""
    guarded: bool
    """Whether memories reserve address space rather than check (`Config.guard`)."""
    disabled: frozenset[str]
    """The features that are off (`Config.disable`), and those that build on them."""
    gc_stress: bool
    """Whether stores collect their GC heap at every allocation (`Config.gc_stress`)."""
    registry: TypeRegistry

    def __init__(self, config: Config | None = None) -> None:
        self._config = config
        self.tier = "auto" if config is None else config.tier
        self.metered = config is not None and config.fuel
        self.guarded = config is None or config.guard
        self.gc_stress = config is not None and config.gc_stress
        self.disabled = closure_of(config)
        self.registry = TypeRegistry()

    @property
    def config(self) -> Config:
        """The settings that the engine was made with."""
        if self._config is None:
            from wasmine.api.config import Config

            self._config = Config()
        return self._config

    def __reduce__(self) -> tuple[object, ...]:
        return engine_for, (self._config,)

    def __repr__(self) -> str:
        return f"<Engine {self.config}>"


def closure_of(config: Config | None) -> frozenset[str]:
    """Return all features that are off with those settings."""
    if config is None or not config.disable:
        return frozenset()
    from wasmine.spec.features import closure

    return closure(config.disable)


_default: Engine | None = None
_engines: dict[Config, Engine] = {}


def default_engine() -> Engine:
    """Return the engine of this process that is used where none is given."""
    global _default
    if _default is None:
        _default = Engine()
    return _default


def engine_for(config: Config | None) -> Engine:
    """Return this process's engine for those settings, which objects from elsewhere are given."""
    if config is None:
        return default_engine()
    engine = _engines.get(config)
    if engine is None:
        engine = _engines.setdefault(config, Engine(config))
    return engine

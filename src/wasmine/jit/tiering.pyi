from wasmine.runtime.code import ModuleCodeCore

class NativeCode:
    def without_guards(self, core: ModuleCodeCore) -> ModuleCodeCore: ...
    def outcomes(self) -> list[tuple[int, str, int, float]]: ...
    def history(self) -> list[tuple[int, int | None, str, str, int, int, int, float, float]]:
        """All compilations, in their order.

        Of each: the function's position among those that the module defines; the position of the loop where
        the code begins, or None for the start; why (`first call`, `calls`, `loop`); what became of it
        (`compiled`, or why not); bytes of code; calls of the function and trips of its loops that were
        counted until then; when it began, on the monotonic clock, and how long it took, in seconds.
        """

    def compile(self, position: int) -> None: ...
    def is_native(self, position: int) -> bool: ...
    def machine_code(self, position: int, at: int | None = None) -> bytes: ...

def attach(
    core: ModuleCodeCore,
    threads: int = 0,
    tier_up: tuple[int, int] | None = (0, 0),
    guarded: bool = False,
) -> bool: ...
def wait() -> None: ...

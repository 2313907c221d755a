from wasmine.runtime.code import ModuleCodeCore

def machine_code(
    module: ModuleCodeCore,
    index: int,
    target: str,
    features: int | None = None,
    enter_at: int = -1,
) -> bytes: ...

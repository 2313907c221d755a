from wasmine.api.store import Store

class Extern:
    @property
    def store(self) -> Store: ...

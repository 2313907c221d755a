"""How scripts are run: once on each tier."""

import pytest

from wasmine.api.config import Config, Tier

TIERS: tuple[Tier, ...] = ("interp",)


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest) -> Tier:
    value: Tier = request.param
    return value


@pytest.fixture
def config(tier: Tier) -> Config:
    return Config(tier=tier)

"""Made-up yearly figures in 万元: one series for each enterprise, so that two rounds never contradict each other."""

import random
from decimal import ROUND_HALF_UP, Decimal

FIRST_YEAR, LAST_YEAR = 2018, 2025
CENT = Decimal("0.01")
Year = dict[str, Decimal]


def series(dice: random.Random) -> dict[int, Year]:
    """A plausible enterprise that meets one of the three limbs of 第十二条第3项 in every year."""
    lives_on_service = dice.random() < 0.8
    main = Decimal(dice.randint(280_000, 5_200_000)) / 100
    share = (
        Decimal(dice.randint(170, 340)) / 1000 if lives_on_service else Decimal(dice.randint(70, 120)) / 1000
    )
    margin = Decimal(dice.randint(45, 130)) / 1000
    years: dict[int, Year] = {}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        growth = dice.randint(-30, 190) if lives_on_service else dice.randint(112, 185)
        main = _cents(main * (1000 + growth) / 1000)
        share = min(share * Decimal(dice.randint(1000, 1060)) / 1000, Decimal("0.55"))
        margin = max(min(margin * Decimal(dice.randint(930, 1090)) / 1000, Decimal("0.16")), Decimal("0.02"))
        years[year] = _year(dice, main, share, margin)
    return years


def near_miss(years: dict[int, Year], latest: int) -> dict[int, Year]:
    """The same enterprise with 14.996 % of service revenue, little growth and a profit that follows a loss."""
    before, now = dict(years[latest - 1]), dict(years[latest])
    before |= {"main_revenue": Decimal("9612.40"), "operating_revenue": Decimal("9840.00")}
    before |= {"service_revenue": Decimal("1322.10")}
    before |= {"total_profit": Decimal("-500.00"), "net_profit": Decimal("-500.00")}
    now |= {"main_revenue": Decimal("10000.00"), "operating_revenue": Decimal("10230.50")}
    now |= {"service_revenue": Decimal("1499.60")}
    now |= {"total_profit": Decimal("300.00"), "net_profit": Decimal("255.00")}
    return years | {latest - 1: before, latest: now}


def _year(dice: random.Random, main: Decimal, share: Decimal, margin: Decimal) -> Year:
    operating = _cents(main * dice.randint(1008, 1055) / 1000)
    assets = _cents(operating * dice.randint(800, 1450) / 1000)
    profit = _cents(main * margin)
    return {
        "total_assets": assets,
        "total_liabilities": _cents(assets * dice.randint(320, 620) / 1000),
        "operating_revenue": operating,
        "main_revenue": main,
        "service_revenue": _cents(main * share),
        "total_profit": profit,
        "net_profit": _cents(profit * dice.randint(840, 900) / 1000),
        "taxes": _cents(main * dice.randint(24, 48) / 1000),
        "research": _cents(operating * dice.randint(28, 62) / 1000),
    }


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)

"""Supplies, services and trips abroad: prices from three offers, norms and hotels within the invented ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic import tables
from api.republic.draw import Whole
from api.republic.scene import Column, Made, Scene
from engine.number import BLANK

SUPPLIES = {
    "paper": 18, "cartridge": 14, "stationery": 20, "cleaning": 12, "electrical": 8, "spare-part": 8, "household": 10,
    "clothing": 4, "other": 6,
}  # fmt: skip
SUPPLY_NAMES = {
    "paper": ("Бумага А4", "Бумага А3"),
    "cartridge": ("Картридж чёрный", "Тонер", "Картридж цветной"),
    "stationery": ("Ручки", "Папки", "Скоросшиватели", "Блокноты"),
    "cleaning": ("Средство для полов", "Мыло", "Перчатки"),
    "electrical": ("Лампы", "Удлинители", "Батареи"),
    "spare-part": ("Запасные части к оргтехнике", "Шины", "Аккумуляторы"),
    "household": ("Инвентарь", "Посуда", "Замки"),
    "clothing": ("Халаты", "Спецодежда"),
    "other": ("Прочие запасы",),
}
SUPPLY_PRICES = {
    "paper": 1_800, "cartridge": 12_000, "stationery": 400, "cleaning": 900, "electrical": 1_500, "spare-part": 8_000,
    "household": 1_200, "clothing": 15_000, "other": 2_000,
}  # fmt: skip
SUPPLY_MEASURES = {"paper": 2, "stationery": 2, "cleaning": 3, "clothing": 1}
MEASURES = ("piece", "set", "pack", "litre", "month", "service", "m2")
SPECIFICS = {"153": 10, "154": 8, "155": 3, "156": 3, "159": 66, "169": 10}
SERVICE_NAMES = {
    "153": ("Перевозка работников", "Доставка грузов"),
    "154": ("Аренда помещения", "Аренда архива"),
    "155": ("Государственный социальный заказ",),
    "156": ("Исследование", "Консультационные услуги"),
    "159": ("Охрана", "Уборка", "Обслуживание лифтов", "Текущий ремонт", "Подписка", "Техническое обслуживание зданий"),
    "169": ("Представительские расходы", "Членские взносы"),
}
MONTHLY = ("159", "153")
"""Services paid by the month."""
SERVICE_PRICES = {"153": 90_000, "154": 3_200, "155": 1_500_000, "156": 1_800_000, "159": 95_000, "169": 250_000}
FARE_STEP = 1_000
PURPOSES = ("переговоры", "обмен опытом", "конференция", "обучение", "рабочая группа")


def supply(scene: Scene) -> Column:
    """Paper and stationery most often."""
    return tables.codes_drawn(scene, "supply", "supply", SUPPLIES)


def supply_specific(scene: Scene) -> Column:
    """Clothing has its own."""
    clothing = scene.made["supply"] == scene.position("supply", "clothing")
    return tables.codes_by(scene, clothing.astype(np.int64), "specific", ("149", "143"))


def supply_name(scene: Scene) -> Column:
    """Something of that kind."""
    return tables.texts_by(scene, "supply", "supply", SUPPLY_NAMES)


def supply_measure(scene: Scene) -> Column:
    """Pieces mostly."""
    return tables.codes_by(scene, tables.numbers_by(scene, "supply", "supply", SUPPLY_MEASURES), "measure", MEASURES)


def posts(scene: Scene) -> Column:
    """Two to thirty, in hundredths."""
    return scene.draw("base").between(2, 30, scene.rows) * 100


def norm(scene: Scene) -> Column:
    """From half of the natural norm up to it, in tens of thousandths."""
    most = tables.norm_table(scene, "natural.supply", ("supply",), 10)[0][scene.made["supply"]]
    return tables.parts(scene, "norm", most, (50, 100)) * 1_000


def stock(scene: Scene) -> Column:
    """A tenth of the need or less in the first year, and nothing afterwards."""
    need = scene.made["base"] * scene.made["norm"] // 10_000
    first = tables.parts(scene, "stock", need, (0, 10))
    return np.stack([first, *[np.zeros_like(first) for _ in scene.ruleset.years[1:]]])


def supply_price(scene: Scene) -> Column:
    """Around what is usual, in hundredths."""
    usual = tables.numbers_by(scene, "supply", "supply", SUPPLY_PRICES)
    return _growing(scene, tables.parts(scene, "price", usual, (60, 180)) * 100)


def offer(scene: Scene) -> Column:
    """The price itself."""
    price: Column = scene.made["price"][0]
    return price


def offer_above(scene: Scene) -> Column:
    """Somewhat dearer than what is taken."""
    return tables.parts(scene, "offer-2", scene.made["price"][0], (100, 112))


def offer_far_above(scene: Scene) -> Column:
    """Dearer than what is taken."""
    return tables.parts(scene, "offer-3", scene.made["price"][0], (101, 120))


def priced(scene: Scene) -> Column:
    """Offers are of the first plan year."""
    return np.full(scene.rows, scene.ruleset.years[0])


def specific(scene: Scene) -> Column:
    """Services of upkeep mostly."""
    return tables.codes_drawn(scene, "specific", "specific", SPECIFICS)


def service_name(scene: Scene) -> Column:
    """Something of that specific."""
    return tables.texts_by(scene, "specific", "specific", SERVICE_NAMES)


def contract(scene: Scene) -> Column:
    """A number of the current year."""
    return np.array([f"№ {n}" for n in scene.draw("contract").between(1, 400, scene.rows)], object)


def service_measure(scene: Scene) -> Column:
    """Months, pieces of work, or square metres of rent."""
    index = tables.numbers_by(
        scene, "specific", "specific", {**dict.fromkeys(SPECIFICS, 5), "153": 4, "154": 6, "159": 4}
    )
    return tables.codes_by(scene, index, "measure", MEASURES)


def area(scene: Scene) -> Column:
    """20 to 140 m² where something is rented, in hundredths."""
    return np.where(_is(scene, "154"), scene.draw("area").between(20, 140, scene.rows) * 100, BLANK)


def persons(scene: Scene) -> Column:
    """As many as that area is for by the norm, and one more."""
    norm = max(1, int(tables.norm_table(scene, "office.area", (), 100)[0]))
    return np.where(_is(scene, "154"), scene.made["area"] // norm + 1, BLANK)


def quantity(scene: Scene) -> Column:
    """Twelve months, a year of rented metres, or a few pieces of work, in hundredths."""
    few = scene.draw("quantity").between(1, 4, scene.rows) * 100
    monthly = _is(scene, *MONTHLY)
    return np.where(_is(scene, "154"), scene.made["area"] * 12, np.where(monthly, 1_200, few))


def service_price(scene: Scene) -> Column:
    """Around what is usual, in hundredths."""
    usual = tables.numbers_by(scene, "specific", "specific", SERVICE_PRICES)
    return _growing(scene, tables.parts(scene, "price", usual, (30, 190)) * 100)


def service_once(scene: Scene) -> Column:
    """Studies and some other works."""
    some = scene.draw("one-off").chance(30, scene.rows)
    return (_is(scene, "156") | (some & ~_is(scene, "154", "159"))).astype(np.int64)


def country(scene: Scene) -> Column:
    """Any of those that have a norm in some currency."""
    known = np.flatnonzero(_abroad(scene, "trip.abroad.per-diem").any(axis=1))
    return known[scene.draw("country").below(len(known), scene.rows)]


def currency(scene: Scene) -> Column:
    """The one in which the country's norm is set."""
    found: Column = (_abroad(scene, "trip.abroad.per-diem") > 0).argmax(axis=1)[scene.made["country"]]
    return found


def purpose(scene: Scene) -> Column:
    """What for."""
    return np.array(PURPOSES, object)[scene.draw("purpose").below(len(PURPOSES), scene.rows)]


def travellers(scene: Scene) -> Column:
    """One to three."""
    return 1 + scene.draw("persons").pick([60, 30, 10], scene.rows)


def trips(scene: Scene) -> Column:
    """One mostly, the same in all years."""
    return 1 + scene.draw("trips").pick([80, 15, 5], scene.rows)


def days(scene: Scene) -> Column:
    """Two to seven."""
    return scene.draw("days").between(2, 7, scene.rows)


def hotel(scene: Scene) -> Column:
    """From two thirds of the norm up to it, in hundredths."""
    most = _abroad(scene, "trip.abroad.hotel")[scene.made["country"], scene.made["currency"]]
    return tables.parts(scene, "hotel", most, (66, 100)) * 100


def fare(scene: Scene) -> Column:
    """200 to 1 200 in tens of the currency, in hundredths."""
    return scene.draw("fare").between(20, 120, scene.rows) * FARE_STEP


def fees(scene: Scene) -> Column:
    """Up to 160, of every other trip."""
    some = scene.draw("fees")
    return np.where(some.chance(50, scene.rows), some.between(20, 160, scene.rows) * 100, BLANK)


def trip_once(scene: Scene) -> Column:
    """Every third."""
    return scene.draw("one-off").chance(33, scene.rows).astype(np.int64)


def _growing(scene: Scene, first: Whole) -> Column:
    """With the deflator, a little less."""
    years, deflators = [first], tables.norm_table(scene, "macro.deflator", (), 100)
    for percent in deflators[1:].tolist():
        years.append(years[-1] * max(100, percent) // 100)
    return np.stack(years)


def _abroad(scene: Scene, norm: str) -> Whole:
    """(countries, currencies) of the first plan year."""
    found: Whole = tables.norm_table(scene, norm, ("country", "currency"), 1)[0]
    return found


def _is(scene: Scene, *specifics: str) -> Column:
    return np.isin(scene.made["specific"], [scene.position("specific", code) for code in specifics])


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("other_supplies", "supply"): supply,
    ("other_supplies", "specific"): supply_specific,
    ("other_supplies", "name"): supply_name,
    ("other_supplies", "measure"): supply_measure,
    ("other_supplies", "base"): posts,
    ("other_supplies", "norm"): norm,
    ("other_supplies", "stock"): stock,
    ("other_supplies", "price"): supply_price,
    ("other_supplies", "offer_1"): offer,
    ("other_supplies", "offer_2"): offer_above,
    ("other_supplies", "offer_3"): offer_far_above,
    ("other_supplies", "priced"): priced,
    ("other_supplies", "justified"): tables.never,
    ("other_supplies", "justification"): tables.no_text,
    ("other_services", "specific"): specific,
    ("other_services", "name"): service_name,
    ("other_services", "contract"): contract,
    ("other_services", "measure"): service_measure,
    ("other_services", "area"): area,
    ("other_services", "persons"): persons,
    ("other_services", "quantity"): quantity,
    ("other_services", "price"): service_price,
    ("other_services", "offer_1"): offer,
    ("other_services", "offer_2"): offer_above,
    ("other_services", "offer_3"): offer_far_above,
    ("other_services", "priced"): priced,
    ("other_services", "one_off"): service_once,
    ("other_services", "justified"): tables.never,
    ("other_services", "justification"): tables.no_text,
    ("trips_abroad", "country"): country,
    ("trips_abroad", "currency"): currency,
    ("trips_abroad", "purpose"): purpose,
    ("trips_abroad", "persons"): travellers,
    ("trips_abroad", "trips"): trips,
    ("trips_abroad", "days"): days,
    ("trips_abroad", "hotel"): hotel,
    ("trips_abroad", "fare"): fare,
    ("trips_abroad", "fees"): fees,
    ("trips_abroad", "one_off"): trip_once,
    ("trips_abroad", "justified"): tables.never,
    ("trips_abroad", "justification"): tables.no_text,
}

"""Utilities, communications and fuel: volumes a little below what was used, prices within the invented references."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic import tables
from api.republic.draw import Whole
from api.republic.scene import Column, Made, Scene
from engine.number import BLANK

SERVICES = {"heat": 24, "hot-water": 8, "cold-water": 16, "sewerage": 16, "electricity": 22, "gas": 6, "waste": 8}
SUPPLIERS = {
    "heat": ("Тепловые сети", "Теплоэнергоцентраль"),
    "hot-water": ("Тепловые сети",),
    "cold-water": ("Водоканал",),
    "sewerage": ("Водоканал",),
    "electricity": ("Энергосбыт", "Горэлектросети"),
    "gas": ("Газовое хозяйство",),
    "waste": ("Эко-сервис", "Чистый город"),
}
USUAL_USE = {
    "heat": 250, "hot-water": 600, "cold-water": 1_500, "sewerage": 1_500, "electricity": 50_000, "gas": 25_000,
    "waste": 90,
}  # fmt: skip
"""A year of a building, in the unit of the service."""
COMMUNICATIONS = {
    "telephone": 30, "long-distance": 12, "internet": 24, "courier": 12, "mobile": 12, "radio": 4, "channel": 6,
}  # fmt: skip
OPERATORS = {
    "telephone": ("Оператор городской связи",),
    "long-distance": ("Оператор городской связи",),
    "internet": ("Провайдер А", "Провайдер Б"),
    "courier": ("Почта", "Фельдъегерская служба"),
    "mobile": ("Мобильный оператор А", "Мобильный оператор Б"),
    "radio": ("Оператор спутниковой связи",),
    "channel": ("Провайдер А",),
}
TRAFFIC = {"long-distance": 6_000, "mobile": 4_000, "courier": 300}
"""Minutes or items a year, at most."""
VEHICLES = {"car-small": 20, "car": 40, "off-road": 12, "minibus": 12, "bus": 8, "truck": 8}
MODELS = {
    "car-small": ("Легковой 1,6",),
    "car": ("Седан 2,0", "Седан 2,5"),
    "off-road": ("Внедорожник 2,7", "Внедорожник 3,0"),
    "minibus": ("Микроавтобус 2,4",),
    "bus": ("Автобус на 32 места", "Школьный автобус"),
    "truck": ("Грузовой 4,5 т",),
}
ENGINES = {"car-small": 0, "car": 1, "off-road": 1, "minibus": 0, "bus": 2, "truck": 2}
ENGINE_FUELS = ("petrol-92", "petrol-95", "diesel")
BOILER_FUELS = {"coal": 70, "diesel": 14, "fuel-oil": 6, "firewood": 10}
BOILER_TONNES = {"coal": 90, "diesel": 8, "fuel-oil": 14, "firewood": 40}
BOILERS = ("Котельная школы", "Котельная больницы", "Котельная администрации", "Котельная общежития")


def service(scene: Scene) -> Column:
    """What a building needs most often."""
    return tables.codes_drawn(scene, "service", "utility", SERVICES)


def supplier(scene: Scene) -> Column:
    """Who supplies it."""
    return tables.texts_by(scene, "service", "utility", SUPPLIERS)


def region(scene: Scene) -> Column:
    """One for an institution."""
    regions = len(scene.norms.classifications["region"].codes)
    return scene.draw("region").below(regions, len(scene.institutions.codes))[scene.institution]


def used(scene: Scene) -> Column:
    """From a third of what is usual to twice as much, in thousandths of the unit."""
    return tables.parts(scene, "used", tables.numbers_by(scene, "service", "utility", USUAL_USE) * 1000, (30, 200))


def used_earlier(scene: Scene) -> Column:
    """A little more, so that a plan of the last year's use is not above the average."""
    return tables.parts(scene, "used-earlier", scene.made["used_1"], (100, 106))


def limit(scene: Scene) -> Column:
    """Three rows of four have one, up to what was used in the last year."""
    limited = scene.draw("limited").chance(75, scene.rows)
    planned = tables.over_years(
        scene, "limit", tables.parts(scene, "limit", scene.made["used_1"], (90, 100)), (98, 100)
    )
    return np.where(limited, planned, BLANK)


def base(scene: Scene) -> Column:
    """An area where there is no limit, in hundredths of a square metre."""
    return np.where(scene.made["limit"][0] == BLANK, scene.draw("base").between(150, 4_000, scene.rows) * 100, BLANK)


def norm(scene: Scene) -> Column:
    """Volume for a square metre, in millionths, so that the volume stays below what was used."""
    area = np.maximum(scene.made["base"], 100)
    return np.where(scene.made["base"] == BLANK, BLANK, scene.made["used_1"] * 95_000 // area)


def tariff(scene: Scene) -> Column:
    """The approved tariff of each year, in tens of thousandths; a third of them a year old and to be changed."""
    approved = tables.norm_table(scene, "utility.tariff", ("utility", "region"), 10_000)
    return approved[:, scene.made["service"], scene.made["region"]] * (100 - 5 * _changes(scene)) // 100


def change(scene: Scene) -> Column:
    """Of 3 to 5 % where the tariff is to be changed."""
    percent = scene.draw("change").between(3, 5, scene.rows) * 100
    return np.broadcast_to(
        np.where(_changes(scene) == 1, percent, BLANK), (len(scene.ruleset.years), scene.rows)
    ).copy()


def communication(scene: Scene) -> Column:
    """Telephones and internet everywhere, the rest here and there."""
    return tables.codes_drawn(scene, "service", "communication", COMMUNICATIONS)


def operator(scene: Scene) -> Column:
    """Who gives it."""
    return tables.texts_by(scene, "service", "communication", OPERATORS)


def posts(scene: Scene) -> Column:
    """The institution's posts, shared by the rows of a service."""
    return tables.posts_shared(scene, "service")


def quantity(scene: Scene) -> Column:
    """Up to the natural norm, the same in all years."""
    norms = tables.norm_table(scene, "natural.communication", ("communication",), 100)[0][scene.made["service"]]
    entitled = -(-norms * scene.made["posts"] // 10_000)
    asked: Column = np.minimum(entitled, np.maximum(1, tables.parts(scene, "quantity", entitled, (60, 100))))
    return asked


def fee(scene: Scene) -> Column:
    """Up to the reference of each year, in hundredths."""
    reference = tables.norm_table(scene, "communication.fee", ("communication",), 1)[:, scene.made["service"]]
    return tables.parts(scene, "fee", reference, (80, 100)) * 100


def months(scene: Scene) -> Column:
    """The whole year mostly."""
    return 12 - scene.draw("months").pick([94, 2, 2, 2], scene.rows)


def traffic(scene: Scene) -> Column:
    """Of the services that have any, in hundredths."""
    most = tables.numbers_by(scene, "service", "communication", TRAFFIC)
    volume = tables.over_years(scene, "traffic", tables.parts(scene, "traffic", most * 100, (20, 100)), (97, 103))
    return np.where(most > 0, volume, BLANK)


def traffic_tariff(scene: Scene) -> Column:
    """5 to 60 tenge, in tens of thousandths."""
    tenge = scene.draw("tariff").between(5, 60, scene.rows) * 10_000
    return np.where(scene.made["traffic"][0] == BLANK, BLANK, tenge)


def vehicle(scene: Scene) -> Column:
    """Cars mostly."""
    return tables.codes_drawn(scene, "vehicle", "vehicle", VEHICLES)


def model(scene: Scene) -> Column:
    """A kind of car and an invented number."""
    models = tables.texts_by(scene, "vehicle", "vehicle", MODELS)
    numbers = scene.draw("number").between(1, 999, scene.rows)
    return np.array([f"{name}, учебный № {number:03}" for name, number in zip(models, numbers, strict=True)], object)


def vehicles(scene: Scene) -> Column:
    """One, seldom two."""
    return 1 + scene.draw("quantity").pick([92, 8], scene.rows)


def fuel(scene: Scene) -> Column:
    """What its engine burns."""
    engine = tables.numbers_by(scene, "vehicle", "vehicle", ENGINES)
    return tables.codes_by(scene, engine, "fuel", ENGINE_FUELS)


def mileage(scene: Scene) -> Column:
    """From two fifths of the limit up to it, in hundreds of kilometres."""
    most = tables.norm_table(scene, "vehicle.mileage", ("vehicle",), 1)[0][scene.made["vehicle"]]
    return tables.over_years(scene, "mileage", tables.parts(scene, "mileage", most, (40, 100)), (95, 100)) // 100 * 100


def fuel_norm(scene: Scene) -> Column:
    """The base norm or a little less, in hundredths of a litre."""
    most = tables.norm_table(scene, "fuel.base", ("vehicle",), 100)[0][scene.made["vehicle"]]
    return tables.parts(scene, "norm", most, (82, 100))


def correction(scene: Scene) -> Column:
    """Up to a fifth, in tens of thousandths."""
    return scene.draw("correction").between(0, 20, scene.rows) * 100


def fuel_price(scene: Scene) -> Column:
    """Up to the reference price of each year."""
    return _price(scene, "fuel.price")


def lubricant_share(scene: Scene) -> Column:
    """2 to 3 %, in tens of thousandths."""
    return scene.draw("lubricants").between(20, 30, scene.rows) * 10


def lubricant_price(scene: Scene) -> Column:
    """1 500 to 2 800 tenge, rising by a twentieth."""
    return tables.over_years(scene, "oil", scene.draw("oil").between(150, 280, scene.rows) * 1000, (105, 105))


def boiler(scene: Scene) -> Column:
    """Which boiler house."""
    return np.array(BOILERS, object)[scene.draw("boiler").below(len(BOILERS), scene.rows)]


def boiler_fuel(scene: Scene) -> Column:
    """Coal mostly."""
    return tables.codes_drawn(scene, "fuel", "fuel", BOILER_FUELS)


def boiler_used(scene: Scene) -> Column:
    """Around what is usual for the fuel, in thousandths of a tonne."""
    usual = tables.numbers_by(scene, "fuel", "fuel", BOILER_TONNES) * 1000
    return tables.parts(scene, "used", usual, (40, 160))


def tonnes(scene: Scene) -> Column:
    """Up to what was used, less from year to year."""
    return tables.over_years(scene, "tonnes", tables.parts(scene, "tonnes", scene.made["used"], (90, 100)), (97, 100))


def boiler_stock(scene: Scene) -> Column:
    """A tenth of the need or less in the first year, and nothing afterwards."""
    first = tables.parts(scene, "stock", scene.made["tonnes"][0], (0, 10))
    return np.stack([first, *[np.zeros_like(first) for _ in scene.ruleset.years[1:]]])


def boiler_price(scene: Scene) -> Column:
    """Up to the reference price of each year."""
    return _price(scene, "boiler-fuel.price")


def _changes(scene: Scene) -> Whole:
    return scene.draw("changes").chance(33, scene.rows).astype(np.int64)


def _price(scene: Scene, norm: str) -> Column:
    most = tables.norm_table(scene, norm, ("fuel",), 100)[:, scene.made["fuel"]]
    return most * scene.draw("price").between(88, 100, scene.rows) // 100


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("utilities", "service"): service,
    ("utilities", "supplier"): supplier,
    ("utilities", "region"): region,
    ("utilities", "used_1"): used,
    ("utilities", "used_2"): used_earlier,
    ("utilities", "used_3"): used_earlier,
    ("utilities", "limit"): limit,
    ("utilities", "base"): base,
    ("utilities", "norm"): norm,
    ("utilities", "tariff"): tariff,
    ("utilities", "change"): change,
    ("utilities", "justified"): tables.never,
    ("utilities", "justification"): tables.no_text,
    ("communications", "service"): communication,
    ("communications", "supplier"): operator,
    ("communications", "posts"): posts,
    ("communications", "quantity"): quantity,
    ("communications", "fee"): fee,
    ("communications", "months"): months,
    ("communications", "traffic"): traffic,
    ("communications", "tariff"): traffic_tariff,
    ("communications", "justified"): tables.never,
    ("communications", "justification"): tables.no_text,
    ("fuel", "vehicle"): vehicle,
    ("fuel", "model"): model,
    ("fuel", "quantity"): vehicles,
    ("fuel", "fuel"): fuel,
    ("fuel", "mileage"): mileage,
    ("fuel", "norm"): fuel_norm,
    ("fuel", "correction"): correction,
    ("fuel", "price"): fuel_price,
    ("fuel", "lubricant_share"): lubricant_share,
    ("fuel", "lubricant_price"): lubricant_price,
    ("fuel", "justified"): tables.never,
    ("fuel", "justification"): tables.no_text,
    ("boiler_fuel", "boiler"): boiler,
    ("boiler_fuel", "fuel"): boiler_fuel,
    ("boiler_fuel", "used"): boiler_used,
    ("boiler_fuel", "tonnes"): tonnes,
    ("boiler_fuel", "stock"): boiler_stock,
    ("boiler_fuel", "price"): boiler_price,
    ("boiler_fuel", "justified"): tables.never,
    ("boiler_fuel", "justification"): tables.no_text,
}

"""Capital goods up to what is needed, informatization with its conclusions, construction whose estimates add up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic import tables
from api.republic.draw import Whole
from api.republic.scene import Column, Made, Scene
from engine.number import BLANK

THINGS = {
    "computer": 20, "notebook": 8, "printer": 8, "mfp": 8, "telephone": 6, "desk": 12, "chair": 14, "cabinet": 8,
    "safe": 4, "air-conditioner": 6, "projector": 4, "vehicle": 2,
}  # fmt: skip
THING_NAMES = {
    "computer": ("Компьютер в сборе", "Моноблок"),
    "notebook": ("Ноутбук 15,6",),
    "printer": ("Принтер лазерный",),
    "mfp": ("МФУ А4", "МФУ А3"),
    "telephone": ("IP-телефон",),
    "desk": ("Стол письменный",),
    "chair": ("Кресло рабочее", "Стул"),
    "cabinet": ("Шкаф для документов",),
    "safe": ("Сейф металлический",),
    "air-conditioner": ("Сплит-система",),
    "projector": ("Проектор",),
    "vehicle": ("Автомобиль служебный",),
}
EXPENSES = {
    "hardware": 12, "licences": 20, "development": 6, "maintenance": 28, "data-transmission": 14, "service-model": 10,
    "security-tests": 5, "consulting": 5,
}  # fmt: skip
EXPENSE_SPECIFICS = ("414", "416", "434", "152", "156", "159")
SPECIFIC_OF = {
    "hardware": 0, "licences": 1, "development": 2, "maintenance": 5, "data-transmission": 3, "service-model": 5,
    "security-tests": 5, "consulting": 4,
}  # fmt: skip
EXPENSE_NAMES = {
    "hardware": ("Серверы", "Система хранения", "Коммутаторы"),
    "licences": ("Офисный пакет", "Антивирус", "СУБД"),
    "development": ("Развитие модулей", "Интеграция"),
    "maintenance": ("Сопровождение системы", "Системно-техническое обслуживание"),
    "data-transmission": ("Корпоративная сеть",),
    "service-model": ("Рабочие места по сервисной модели",),
    "security-tests": ("Испытания на информационную безопасность",),
    "consulting": ("Разработка технического задания",),
}
EXPENSE_MEASURES = ("piece", "hour", "month", "service")
MEASURE_OF = {
    "development": 1,
    "maintenance": 2,
    "data-transmission": 2,
    "service-model": 2,
    "security-tests": 3,
    "consulting": 3,
}
EXPENSE_PRICES = {
    "hardware": 900_000, "licences": 42_000, "maintenance": 140_000, "data-transmission": 90_000,
    "service-model": 180_000, "security-tests": 1_900_000, "consulting": 1_600_000,
}  # fmt: skip
QUANTITIES = {
    "hardware": 3,
    "licences": 40,
    "maintenance": 12,
    "data-transmission": 12,
    "service-model": 12,
    "security-tests": 1,
    "consulting": 1,
}
OBJECTS = ("Внутренний портал", "Электронный архив", "Система учёта", "Официальный сайт", "Ведомственная система")
BUILDINGS = (
    "Школа на 300 мест",
    "Поликлиника",
    "Пожарное депо",
    "Административное здание",
    "Детский сад",
    "Мост",
    "Котельная",
)
NEW_PERCENT = 20
"""Of projects: those that begin with the plan."""


def thing(scene: Scene) -> Column:
    """Computers and furniture most often."""
    return tables.codes_drawn(scene, "thing", "thing", THINGS)


def specific(scene: Scene) -> Column:
    """Vehicles have their own."""
    vehicle = scene.made["thing"] == scene.position("thing", "vehicle")
    return tables.codes_by(scene, vehicle.astype(np.int64), "specific", ("414", "413"))


def name(scene: Scene) -> Column:
    """A thing of that kind."""
    return tables.texts_by(scene, "thing", "thing", THING_NAMES)


def posts(scene: Scene) -> Column:
    """The institution's posts, shared by the rows of a thing, the same in all years."""
    return tables.posts_shared(scene, "thing")


def blank(scene: Scene) -> Column:
    """No number."""
    return np.full(scene.rows, BLANK)


def balance(scene: Scene) -> Column:
    """Eight to ten tenths of what the norm gives at first; then what is there after a year."""
    first = tables.parts(scene, "balance", _entitled(scene), (80, 100))
    years = [first]
    for at in range(1, len(scene.ruleset.years)):
        years.append(years[-1] - _written(scene, years[-1], at - 1) + _asked(scene, years[-1], at - 1))
    return np.stack(years)


def write_off(scene: Scene) -> Column:
    """A tenth of the balance or less."""
    balances = scene.made["balance"]
    return np.stack([_written(scene, balances[at], at) for at in range(len(scene.ruleset.years))])


def requested(scene: Scene) -> Column:
    """A part of the need."""
    balances = scene.made["balance"]
    return np.stack([_asked(scene, balances[at], at) for at in range(len(scene.ruleset.years))])


def acquired(scene: Scene) -> Column:
    """So long ago that its service life has passed."""
    life = tables.norm_table(scene, "natural.life", ("thing",), 1)[0][scene.made["thing"]]
    day: Column = scene.first_day() - life * 366 - scene.draw("acquired").below(1500, scene.rows)
    return day


def price(scene: Scene) -> Column:
    """Up to the reference price of each year, in hundredths."""
    most = tables.norm_table(scene, "natural.price", ("thing",), 1)[:, scene.made["thing"]]
    return most * scene.draw("price").between(82, 100, scene.rows) // 100 * 100


def once(scene: Scene) -> Column:
    """Half of them."""
    return scene.draw("one-off").chance(50, scene.rows).astype(np.int64)


def expense(scene: Scene) -> Column:
    """Upkeep and licences most often."""
    return tables.codes_drawn(scene, "category", "it-expense", EXPENSES)


def expense_specific(scene: Scene) -> Column:
    """As the category says."""
    return tables.codes_by(scene, _number(scene, SPECIFIC_OF), "specific", EXPENSE_SPECIFICS)


def information_object(scene: Scene) -> Column:
    """An invented system and its number."""
    named = np.array([f"{name}, учебный № {n}" for name in OBJECTS for n in range(1, 10)], object)
    return named[scene.draw("object").below(len(named), scene.rows)]


def expense_name(scene: Scene) -> Column:
    """Something of that category."""
    return tables.texts_by(scene, "category", "it-expense", EXPENSE_NAMES)


def expense_measure(scene: Scene) -> Column:
    """Pieces, hours, months or services."""
    return tables.codes_by(scene, _number(scene, MEASURE_OF), "measure", EXPENSE_MEASURES)


def expense_quantity(scene: Scene) -> Column:
    """Months of a year, or some pieces, in hundredths."""
    usual = _number(scene, QUANTITIES)
    pieces = np.where(usual == 12, 12, np.maximum(1, tables.parts(scene, "quantity", usual, (20, 140))))
    return np.where(usual > 0, pieces * 100, BLANK)


def expense_price(scene: Scene) -> Column:
    """Around what is usual, in hundredths."""
    usual = tables.parts(scene, "price", _number(scene, EXPENSE_PRICES), (40, 160)) * 100
    return np.where(usual > 0, usual, BLANK)


def hours(scene: Scene) -> Column:
    """100 to 700 man-hours of a development, in tenths."""
    return np.where(_developed(scene), scene.draw("hours").between(100, 700, scene.rows) * 10, BLANK)


def rate(scene: Scene) -> Column:
    """Up to the standard of each year, in hundredths."""
    standard = tables.norm_table(scene, "it.rate", (), 1)[:, None]
    of_row = standard * scene.draw("rate").between(80, 100, scene.rows) // 100 * 100
    return np.where(_developed(scene), of_row, BLANK)


def factor(scene: Scene) -> Column:
    """1 to 1.3, in tens of thousandths."""
    return np.where(_developed(scene), scene.draw("factor").between(100, 130, scene.rows) * 100, BLANK)


def positive(scene: Scene) -> Column:
    """What the authorised body supports is all that is asked for."""
    return np.full(scene.rows, scene.position("conclusion", "positive"))


def numbered(scene: Scene) -> Column:
    """An invented number."""
    return np.array([f"учебное № {n}" for n in scene.draw("conclusion").between(1, 900, scene.rows)], object)


def dated(scene: Scene) -> Column:
    """In the year before the plan."""
    return scene.first_day() - scene.draw("conclusion-date").between(60, 360, scene.rows)


def project_specific(scene: Scene) -> Column:
    """Buildings mostly."""
    return tables.codes_drawn(scene, "specific", "specific", {"431": 80, "432": 10, "433": 10})


def project(scene: Scene) -> Column:
    """An invented code."""
    return np.array([f"УЧ-{n:05}" for n in scene.draw("project").between(1, 99_999, scene.rows)], object)


def building(scene: Scene) -> Column:
    """What is built."""
    return np.array(BUILDINGS, object)[scene.draw("object").below(len(BUILDINGS), scene.rows)]


def starts(scene: Scene) -> Column:
    """With the plan, or up to three years before it."""
    return scene.ruleset.years[0] - np.where(_new(scene), 0, scene.draw("starts").between(1, 3, scene.rows))


def ends(scene: Scene) -> Column:
    """In the first year of the plan or up to three years later."""
    return scene.ruleset.years[0] + scene.draw("ends").pick([20, 35, 30, 15], scene.rows)


def current_year(scene: Scene) -> Column:
    """The one before the plan."""
    return np.full(scene.rows, scene.ruleset.years[0] - 1)


def before(scene: Scene) -> Column:
    """Of a project that began before the current year."""
    early = scene.made["starts"] < scene.made["current_year"]
    return np.where(early, scene.draw("before").between(5_000, 40_000, scene.rows) * 1000, 0)


def current(scene: Scene) -> Column:
    """Of a project that goes on."""
    return np.where(_new(scene), 0, scene.draw("current").between(5_000, 30_000, scene.rows) * 1000)


def plan(scene: Scene) -> Column:
    """In each year up to the last."""
    years = [scene.draw(f"plan-{year}").between(4_000, 24_000, scene.rows) * 1000 for year in scene.ruleset.years]
    return np.where(np.array(scene.ruleset.years)[:, None] <= scene.made["ends"], np.stack(years), 0)


def remainder(scene: Scene) -> Column:
    """Where the project goes on after the plan."""
    later = scene.made["ends"] > scene.ruleset.years[-1]
    return np.where(later, scene.draw("remainder").between(4_000, 24_000, scene.rows) * 1000, 0)


def estimate(scene: Scene) -> Column:
    """The sum of all that."""
    made = scene.made
    total: Column = made["before"] + made["current"] + made["amount"].sum(axis=0) + made["remainder"]
    return total


def _entitled(scene: Scene) -> Whole:
    norms = tables.norm_table(scene, "natural.quantity", ("thing",), 1000)[0][scene.made["thing"]]
    entitled: Whole = -(-norms * scene.made["posts"] // 100_000)
    return entitled


def _written(scene: Scene, there: Whole, at: int) -> Whole:
    return tables.parts(scene, f"written-{at}", there, (0, 10))


def _asked(scene: Scene, there: Whole, at: int) -> Whole:
    need = np.maximum(0, _entitled(scene) - there + _written(scene, there, at))
    return tables.parts(scene, f"asked-{at}", need, (0, 60))


def _number(scene: Scene, numbers: Mapping[str, int]) -> Whole:
    return tables.numbers_by(scene, "category", "it-expense", numbers)


def _developed(scene: Scene) -> Column:
    developed: Column = scene.made["category"] == scene.position("it-expense", "development")
    return developed


def _new(scene: Scene) -> Column:
    return scene.draw("new").chance(NEW_PERCENT, scene.rows)


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("capital_goods", "thing"): thing,
    ("capital_goods", "specific"): specific,
    ("capital_goods", "name"): name,
    ("capital_goods", "posts"): posts,
    ("capital_goods", "by_order"): blank,
    ("capital_goods", "balance"): balance,
    ("capital_goods", "write_off"): write_off,
    ("capital_goods", "acquired"): acquired,
    ("capital_goods", "requested"): requested,
    ("capital_goods", "price"): price,
    ("capital_goods", "one_off"): once,
    ("capital_goods", "justified"): tables.never,
    ("capital_goods", "justification"): tables.no_text,
    ("informatization", "category"): expense,
    ("informatization", "specific"): expense_specific,
    ("informatization", "object"): information_object,
    ("informatization", "name"): expense_name,
    ("informatization", "measure"): expense_measure,
    ("informatization", "quantity"): expense_quantity,
    ("informatization", "price"): expense_price,
    ("informatization", "hours"): hours,
    ("informatization", "rate"): rate,
    ("informatization", "factor"): factor,
    ("informatization", "conclusion"): positive,
    ("informatization", "conclusion_number"): numbered,
    ("informatization", "conclusion_date"): dated,
    ("informatization", "supported"): blank,
    ("informatization", "one_off"): once,
    ("informatization", "justified"): tables.never,
    ("informatization", "justification"): tables.no_text,
    ("construction", "specific"): project_specific,
    ("construction", "project"): project,
    ("construction", "object"): building,
    ("construction", "starts"): starts,
    ("construction", "ends"): ends,
    ("construction", "current_year"): current_year,
    ("construction", "before"): before,
    ("construction", "current"): current,
    ("construction", "amount"): plan,
    ("construction", "remainder"): remainder,
    ("construction", "estimate"): estimate,
    ("construction", "conclusion"): positive,
    ("construction", "conclusion_number"): numbered,
    ("construction", "conclusion_date"): dated,
    ("construction", "expertise_number"): numbered,
    ("construction", "expertise_date"): dated,
}

"""Who is fed and with what, and medicines: products and prices within the invented norms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from api.republic.draw import Whole
from api.republic.scene import Column, Made, Scene
from api.republic.tables import norm_table

CONSUMERS = ("Дневное питание", "Двухразовое питание", "Круглосуточное пребывание", "Летний лагерь")
DAYS = (365, 247, 205, 170)
MEDICINE_FORMS = ("таблетки, упаковка", "раствор, ампула", "капсулы, упаковка", "мазь, туба", "штука")


def product_set(scene: Scene) -> Column:
    """One norm set for as many products as there are groups, then the next."""
    return (_first_set(scene) + _number(scene) // _products(scene)) % _sets(scene)


def product(scene: Scene) -> Column:
    """Each group of products once in a set, begun anywhere, so that few rows are not always bread."""
    start = scene.draw("first").below(_products(scene), len(scene.offsets) - 1)[scene.submission]
    return (start + _number(scene)) % _products(scene)


def name(scene: Scene) -> Column:
    """Nothing: the group says it."""
    return np.full(scene.rows, None, object)


def quantity(scene: Scene) -> Column:
    """The norm or a little less, shared by the rows of a set that have the same product."""
    key = (scene.submission * _sets(scene) + scene.made["set"]) * _products(scene) + scene.made["product"]
    _, place, times = np.unique(key, return_inverse=True, return_counts=True)
    norm = norm_table(scene, "food.norm", ("food-set", "food-product"), 10_000)[0][
        scene.made["set"], scene.made["product"]
    ]
    cells: Whole = norm * scene.draw("quantity").between(85, 100, scene.rows) // 100 // times[place.reshape(-1)]
    return cells


def price(scene: Scene) -> Column:
    """Up to the reference price of each year."""
    of_year = norm_table(scene, "food.price", ("food-product",), 100)[:, scene.made["product"]]
    return of_year * scene.draw("price").between(82, 100, scene.rows) // 10_000 * 100


def consumers(scene: Scene) -> Column:
    """How they are fed."""
    return np.array(CONSUMERS, object)[scene.draw("consumers").below(len(CONSUMERS), scene.rows)]


def food_set(scene: Scene) -> Column:
    """One of those whose products the institution has listed."""
    table = scene.tables["food_products"]
    first, count = table.offsets[:-1][scene.submission], np.diff(table.offsets)[scene.submission]
    chosen = first + scene.draw("set").below(np.maximum(count, 1), scene.rows)
    listed = np.append(table.columns["set"], 0)
    return np.where(count > 0, listed[np.minimum(chosen, len(listed) - 1)], 0)


def persons(scene: Scene) -> Column:
    """From ten to a hundred and fifty, a little more or less in the next year."""
    draw = scene.draw("persons")
    years = [draw.between(10, 150, scene.rows)]
    for _ in scene.ruleset.years[1:]:
        years.append(years[-1] * draw.between(97, 104, scene.rows) // 100)
    return np.stack(years)


def days(scene: Scene) -> Column:
    """The whole year, working days, or days of school."""
    return np.array(DAYS)[scene.draw("days").below(len(DAYS), scene.rows)]


def medicine(scene: Scene) -> Column:
    """Those that have a norm in the training set."""
    return _known(scene)[scene.draw("medicine").below(len(_known(scene)), scene.rows)]


def medicine_name(scene: Scene) -> Column:
    """How it comes."""
    return np.array(MEDICINE_FORMS, object)[scene.draw("name").below(len(MEDICINE_FORMS), scene.rows)]


def norm(scene: Scene) -> Column:
    """Up to the norm."""
    of_medicine = norm_table(scene, "medicine.norm", ("medicine",), 100)[0][scene.made["medicine"]]
    cells: Whole = np.maximum(1, of_medicine * scene.draw("norm").between(60, 100, scene.rows) // 100)
    return cells


def stock(scene: Scene) -> Column:
    """A tenth of the need or less in the first year, and nothing afterwards."""
    need = scene.made["persons"][0] * scene.made["norm"] // 100
    first = need * scene.draw("stock").between(0, 10, scene.rows) // 100
    return np.stack([first, *[np.zeros_like(first) for _ in scene.ruleset.years[1:]]])


def medicine_price(scene: Scene) -> Column:
    """Up to the ceiling of each year."""
    of_year = norm_table(scene, "medicine.price", ("medicine",), 100)[:, scene.made["medicine"]]
    cells: Whole = np.maximum(100, of_year * scene.draw("price").between(70, 100, scene.rows) // 10_000 * 100)
    return cells


def _number(scene: Scene) -> Whole:
    """(rows,) from 0 in each submission."""
    return np.arange(scene.rows) - scene.offsets[:-1][scene.submission]


def _first_set(scene: Scene) -> Whole:
    return scene.draw("set").below(_sets(scene), len(scene.offsets) - 1)[scene.submission]


def _sets(scene: Scene) -> int:
    return len(scene.norms.classifications["food-set"].codes)


def _products(scene: Scene) -> int:
    return len(scene.norms.classifications["food-product"].codes)


def _known(scene: Scene) -> Whole:
    """(medicines,) positions of those that have a norm; where none has, of all."""
    known = np.flatnonzero(norm_table(scene, "medicine.norm", ("medicine",), 100)[0])
    return known if known.size else np.arange(len(scene.norms.classifications["medicine"].codes))


COLUMNS: Mapping[tuple[str, str], Made] = {
    ("food_products", "set"): product_set,
    ("food_products", "product"): product,
    ("food_products", "name"): name,
    ("food_products", "quantity"): quantity,
    ("food_products", "price"): price,
    ("food", "consumers"): consumers,
    ("food", "set"): food_set,
    ("food", "persons"): persons,
    ("food", "days"): days,
    ("medicines", "medicine"): medicine,
    ("medicines", "name"): medicine_name,
    ("medicines", "persons"): persons,
    ("medicines", "norm"): norm,
    ("medicines", "stock"): stock,
    ("medicines", "price"): medicine_price,
}

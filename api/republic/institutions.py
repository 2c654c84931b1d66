"""Who is in the republic: its administrators, and institutions, programmes and subprogrammes invented for training.

The administrators are those of the classification; where there are fewer than a republic has, invented ones complete
them. Institutions stand under their administrators in one classification, so that formulas may ask what is UNDER whom.
Everything invented is marked `training`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from api.republic.draw import Draw, Whole, shares
from engine.norms import Classification, Norms
from engine.ruleset import Title

ADMINISTRATORS = 35
ADMINISTRATOR_INVENTED: Title = {
    "kk": "Оқу әкімшісі {n}",
    "ru": "Учебный администратор {n}",
    "en": "Training administrator {n}",
}
INSTITUTION_INVENTED: Title = {
    "kk": "{n} оқу мекемесі",
    "ru": "Учебное учреждение {n}",
    "en": "Training institution {n}",
}
LIST_INVENTED: Title = {"kk": "Оқу сыныптамасы {n}", "ru": "Учебная классификация {n}", "en": "Training list {n}"}
PROGRAMMES: Mapping[str, Title] = {
    "001": {
        "kk": "Саясатты қалыптастыру жөніндегі қызметтер (оқу)",
        "ru": "Услуги по формированию политики (учебная)",
        "en": "Services of policy making (training)",
    },
    "002": {
        "kk": "Мемлекеттік қызметтер көрсету (оқу)",
        "ru": "Оказание государственных услуг (учебная)",
        "en": "Public services (training)",
    },
    "003": {
        "kk": "Ведомстволық мекемелерді ұстау (оқу)",
        "ru": "Содержание подведомственных учреждений (учебная)",
        "en": "Upkeep of subordinate institutions (training)",
    },
}
SUBPROGRAMMES: Mapping[str, Title] = {
    "011": {
        "kk": "Республикалық бюджет қаражаты есебінен (оқу)",
        "ru": "За счёт средств республиканского бюджета (учебная)",
        "en": "At the expense of the republican budget (training)",
    },
    "015": {
        "kk": "Ішкі көздер есебінен (оқу)",
        "ru": "За счёт внутренних источников (учебная)",
        "en": "At the expense of internal sources (training)",
    },
}
KINDS: Mapping[str, Title] = {
    "base": {"kk": "Базалық шығыстар", "ru": "Базовые расходы", "en": "Base expenditure"},
    "new": {"kk": "Жаңа бастамалар", "ru": "Новые инициативы", "en": "New initiatives"},
}


@dataclass(frozen=True, slots=True)
class Institutions:
    """The institutions of a republic in order of their administrators; each array has one entry an institution."""

    codes: tuple[str, ...]
    administrators: tuple[str, ...]
    programmes: tuple[str, ...]
    subprogrammes: tuple[str, ...]
    weights: Whole
    """How large it is beside the others."""
    rural: Whole
    """How many in a hundred of its staff work in a rural place."""


def institutions_of(norms: Norms, count: int, seed: int) -> Institutions:
    """The institutions that a republic of that many has: each administrator at least one, the large ones many."""
    administrators = _administrators(norms)
    each = 1 + shares(count - len(administrators), _skewed(len(administrators), 6, Draw(seed, "administrators")))
    owner = np.repeat(np.arange(len(administrators)), each)
    number = np.arange(count) - np.repeat(np.cumsum(each) - each, each)
    draw = Draw(seed, "institutions")
    services = draw.pick([1, 3, 6], count)
    programmes = np.where(number == 0, 0, services)
    return Institutions(
        tuple(f"{administrators[o]}{n + 1:04d}" for o, n in zip(owner, number, strict=True)),
        tuple(administrators[o] for o in owner),
        tuple(f"{administrators[o]}-{list(PROGRAMMES)[p]}" for o, p in zip(owner, programmes, strict=True)),
        tuple(list(SUBPROGRAMMES)[i] for i in draw.pick([9, 1], count)),
        _skewed(count, 12, Draw(seed, "sizes")),
        np.where(draw.chance(25, count), 60, 2),
    )


def with_institutions(norms: Norms, count: int, seed: int) -> Norms:
    """The same norms with the classifications that a republic of that many institutions needs, added at their ends."""
    lists = dict(norms.classifications)
    missing = ADMINISTRATORS - len(lists["administrator"].codes) if "administrator" in lists else ADMINISTRATORS
    invented = {f"{900 + n}": _numbered(ADMINISTRATOR_INVENTED, str(n)) for n in range(1, missing + 1)}
    _add(lists, "administrator", invented)
    people = institutions_of(replace(norms, classifications=lists), count, seed)
    above = lists["administrator"]
    tops = {code: above.titles[above.positions[code]] for code in dict.fromkeys(people.administrators)}
    under = {code: _numbered(INSTITUTION_INVENTED, code) for code in people.codes}
    _add(lists, "institution", {**tops, **under}, dict(zip(people.codes, people.administrators, strict=True)))
    programmes = {f"{code}-{number}": title for code in tops for number, title in PROGRAMMES.items()}
    for name, titles in (("programme", programmes), ("subprogramme", SUBPROGRAMMES), ("kind", KINDS)):
        _add(lists, name, titles)
    return replace(norms, classifications=lists, digest="")


def _administrators(norms: Norms) -> list[str]:
    return list(norms.classifications["administrator"].codes[:ADMINISTRATORS])


def _skewed(count: int, levels: int, draw: Draw) -> Whole:
    """Weights as they occur: many small ones, each level half as frequent and half as large again as the one below."""
    level = draw.pick([2 ** (levels - 1 - i) for i in range(levels)], count)
    return (draw.between(60, 140, count) * 3**level) // 2**level


def _add(
    lists: dict[str, Classification], name: str, titles: Mapping[str, Title], parents: Mapping[str, str] | None = None
) -> None:
    """Add codes to a classification, or a new one of them, all for training."""
    old = lists.get(name) or Classification(name, _numbered(LIST_INVENTED, name), (), (), (), (), (), ())
    new = [code for code in titles if code not in old.positions]
    lists[name] = replace(
        old,
        codes=(*old.codes, *new),
        titles=(*old.titles, *(titles[code] for code in new)),
        parents=(*old.parents, *((parents or {}).get(code) for code in new)),
        valid=(*old.valid, *((None, None) for _ in new)),
        verified=(*old.verified, *("training" for _ in new)),
        sources=(*old.sources, *("" for _ in new)),
        notes=(*old.notes, *("" for _ in new)),
    )


def _numbered(title: Title, number: str) -> Title:
    return {language: text.format(n=number) for language, text in title.items()}

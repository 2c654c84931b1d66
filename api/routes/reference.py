"""Reference data: norms and classifications as at any day and as known on any other, and organisations."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import or_, select

from api.desk import Desk, Served, Signed
from api.listing import NamedPart, Part, part_of
from api.plain import Plain
from api.problems import Problem
from api.store.editions import newest
from api.store.schema import organisation
from api.tags import follows_from
from engine.explain.numbers import exact_text
from engine.findings import finding
from engine.norms import Classification, Norm, Norms, NormValue, history, in_force
from engine.text.nearest import nearest

router = APIRouter(tags=["reference"], route_class=Plain)
PAGE_MAX = 1_000


class Moment(BaseModel):
    """`on`: in force on that day; `known`: as known on that day; neither: all that is recorded."""

    on: date | None = None
    known: date | None = None


class Organisations(Part):
    """Which organisations: those that there were on a day, after one, so many."""

    on: date | None = None


class Codes(BaseModel):
    """Which codes of a classification: valid on a day, with these words in code or title, after one, so many."""

    on: date | None = None
    like: str = Field("", max_length=200)
    after: int = Field(0, ge=0, le=2**53)
    count: int = Field(200, ge=1, le=PAGE_MAX)


@router.get("/norms")
def norms(desk: Served, user: Signed, part: Annotated[NamedPart, Query()]) -> dict[str, Any]:
    """Norms by name: title, unit, keys, and how many values each has; `next` continues the list."""
    held = _norms(desk)
    names = sorted(name for name in held.norms if name > part.after)[: part.count]
    told = [_norm(held.norms[name]) | {"values": len(held.norms[name].values)} for name in names]
    return {"digest": held.digest} | part_of("norms", told, part.count, "name")


@router.get("/norms/{name}")
def norm_of(desk: Served, user: Signed, name: str, moment: Annotated[Moment, Query()]) -> dict[str, Any]:
    """A norm's values with their acts, dates and levels of verification."""
    held = _norms(desk)
    if name not in held.norms:
        raise Problem([finding("norm-not-found", None, got=name, nearest=nearest(name, held.norms))])
    norm, values = held.norms[name], history(held, name)
    if moment.on is not None:
        counting = (
            (keys, in_force(held, name, keys, moment.on, moment.known)) for keys in {one.keys: 0 for one in values}
        )
        values = [value for keys, value in counting if value is not None and value.keys == keys]
    elif moment.known is not None:
        values = [value for value in values if value.known is None or value.known <= moment.known]
    return _norm(norm) | {"basis": norm.basis, "values": [_value(norm, value) for value in values]}


@router.get("/classifications")
def classifications(desk: Served, user: Signed) -> dict[str, Any]:
    """All classifications and how many codes each has."""
    listed = _norms(desk).classifications.values()
    return {"classifications": [{"name": one.name, "title": one.title, "codes": len(one.codes)} for one in listed]}


@router.get("/classifications/{name}")
def classification(desk: Served, user: Signed, name: str, wanted: Annotated[Codes, Query()]) -> dict[str, Any]:
    """The codes of a classification, in order; `next` continues the list."""
    lists = _norms(desk).classifications
    if name not in lists:
        raise Problem([finding("classification-not-listed", None, got=name, nearest=nearest(name, lists))])
    codes = lists[name]
    places = [i for i in range(wanted.after, len(codes.codes)) if _wanted(codes, i, wanted)]
    shown = places[: wanted.count]
    more = shown[-1] + 1 if len(places) > len(shown) else None
    return {"name": name, "title": codes.title, "codes": [_code(codes, i) for i in shown], "next": more}


@router.get("/organisations")
def organisations(desk: Served, user: Signed, some: Annotated[Organisations, Query()]) -> dict[str, Any]:
    """Organisations in the order of their numbers, all or those that there were on a day; a successor is whom a
    reorganisation made heir; `next` continues the list."""
    of, on = organisation.c, some.on
    wanted = select(organisation).where(of.id > some.after).order_by(of.id).limit(some.count)
    if on is not None:
        wanted = wanted.where(of.starts <= on, or_(of.ends.is_(None), of.ends > on))
    with desk.reading() as connection:
        return part_of("organisations", [_organisation(row) for row in connection.execute(wanted)], some.count)


def _norms(desk: Desk) -> Norms:
    """The norms that were published last, from which alone follows what is told of them."""
    with desk.reading() as connection:
        digest = newest(connection)
        follows_from(digest)
        return desk.store.texts.norms_of(connection, digest)


def _norm(norm: Norm) -> dict[str, Any]:
    keys = [{"name": key.name, "kind": key.kind, "of": key.of} for key in norm.keys]
    return {"name": norm.name, "title": norm.title, "unit": norm.unit.declared, "keys": keys}


def _value(norm: Norm, value: NormValue) -> dict[str, Any]:
    keys = {key.name: str(part) for key, part in zip(norm.keys, value.keys, strict=True)}
    dates = {"from": value.start, "to": value.end, "known": value.known}
    number = None if value.value is None else exact_text(value.value)
    told = {"keys": keys, "value": number, "source": value.source, "verified": value.verified, "note": value.note}
    return told | dates | {"from_verified": value.start_verified}


def _wanted(codes: Classification, place: int, wanted: Codes) -> bool:
    first, last = codes.valid[place]
    if wanted.on is not None and ((first and wanted.on < first) or (last and wanted.on >= last)):
        return False
    words = wanted.like.casefold()
    return any(words in text.casefold() for text in (codes.codes[place], *codes.titles[place].values()))


def _code(codes: Classification, place: int) -> dict[str, Any]:
    first, last = codes.valid[place]
    told = {"code": codes.codes[place], "title": codes.titles[place], "parent": codes.parents[place]}
    return told | {"from": first, "to": last, "verified": codes.verified[place]}


def _organisation(row: Any) -> dict[str, Any]:
    told = {"id": row.id, "code": row.code, "kind": row.kind, "parent": row.parent, "title": row.titles}
    return told | {"from": row.starts, "to": row.ends, "successor": row.successor}

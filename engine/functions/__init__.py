"""The functions of the formula language: one table, a function is one row.

A row is a name, a signature, and `exact`, what the oracle runs; `kernel` is the compiled form, where there is one. How
a signature is read stands in `signature.py`: `"test: bool, yes: v, no?: v -> v"` and so on; `parameters(function)`
reads it. Whoever asks what a function takes (checker, kernels, oracle, completion, help) asks here, so that a new
function is a new row.
"""

from __future__ import annotations

from engine.functions import (
    aggregate,
    arithmetic,
    dates,
    day_counts,
    finance,
    formats,
    information,
    logic,
    lookup,
    norming,
    population,
    statistics,
    text,
)
from engine.functions.signature import Context, Function, Parameter, Signature, parameters
from engine.kernel import rules as kernels
from engine.kernel import strata

__all__ = ["FUNCTIONS", "Context", "Function", "Parameter", "Signature", "parameters"]

_LOGIC = (
    Function("IF", "test: bool, yes: v, no?: v -> v", logic.if_, lazy=True, kernel=kernels.if_),
    Function("IFS", "(test: bool, value: v)... -> v", logic.ifs, lazy=True, kernel=kernels.ifs),
    Function(
        "SWITCH",
        "value: a, (case: a, result: v)..., otherwise?: v -> v",
        logic.switch,
        lazy=True,
        kernel=kernels.switch,
    ),
    Function("CHOOSE", "index: 1, values...: v -> v", logic.choose, lazy=True),
    Function("IFERROR", "value!: v, otherwise: v -> v", logic.iferror, lazy=True, kernel=kernels.iferror),
    Function("IFNA", "value!: v, otherwise: v -> v", logic.ifna, lazy=True),
    Function("LET", "(name: name, value: any)..., result: v -> v", logic.let, lazy=True, kernel=kernels.let),
    Function("AND", "tests...: [bool] -> bool", logic.and_, kernel=kernels.and_),
    Function("OR", "tests...: [bool] -> bool", logic.or_, kernel=kernels.or_),
    Function("XOR", "tests...: [bool] -> bool", logic.xor),
    Function("NOT", "test: bool -> bool", logic.not_, kernel=kernels.not_),
    Function("TRUE", "-> bool", logic.true),
    Function("FALSE", "-> bool", logic.false),
)

_ARITHMETIC = (
    Function("ROUND", "x: u, digits: 1 -> u", arithmetic.round_, kernel=kernels.round_),
    Function("ROUNDUP", "x: u, digits: 1 -> u", arithmetic.roundup, kernel=kernels.round_up),
    Function("ROUNDDOWN", "x: u, digits: 1 -> u", arithmetic.rounddown, kernel=kernels.round_down),
    Function("TRUNC", "x: u, digits?: 1 -> u", arithmetic.rounddown),
    Function("MROUND", "x: u, multiple: u -> u", arithmetic.mround),
    Function("CEILING", "x: u, significance: u -> u", arithmetic.ceiling),
    Function("FLOOR", "x: u, significance: u -> u", arithmetic.floor_),
    Function("CEILING.MATH", "x: u, significance?: u, mode?: 1 -> u", arithmetic.ceiling_math),
    Function("FLOOR.MATH", "x: u, significance?: u, mode?: 1 -> u", arithmetic.floor_math),
    Function("ABS", "x: u -> u", arithmetic.abs_, kernel=kernels.abs_),
    Function("INT", "x: u -> u", arithmetic.int_, kernel=kernels.int_),
    Function("MOD", "x: u, divisor: u -> u", arithmetic.mod, kernel=kernels.mod),
    Function("QUOTIENT", "x: u, divisor: u -> 1", arithmetic.quotient),
    Function("SIGN", "x: u -> 1", arithmetic.sign),
    Function("POWER", "base: 1, exponent: 1 -> 1", arithmetic.power_),
    Function("SQRT", "x: 1 -> 1", arithmetic.sqrt),
    Function("EXP", "x: 1 -> 1", arithmetic.exp),
    Function("LN", "x: 1 -> 1", arithmetic.ln),
    Function("LOG", "x: 1, base?: 1 -> 1", arithmetic.log),
    Function("LOG10", "x: 1 -> 1", arithmetic.log10),
)

_AGGREGATE = (
    Function("SUM", "values...: [u] -> u", aggregate.sum_, kernel=kernels.sum_, role="sum"),
    Function("PRODUCT", "values...: [1] -> 1", aggregate.product),
    Function("SUMSQ", "values...: [1] -> 1", aggregate.sumsq),
    Function(
        "SUMPRODUCT", "arrays...: [number] -> product", aggregate.sumproduct, kernel=kernels.sumproduct, role="sum"
    ),
    Function(
        "SUMIF", "range: [any], criterion!: any, sum?: [u] -> u", aggregate.sumif, kernel=kernels.sumif, role="sum"
    ),
    Function(
        "SUMIFS",
        "sum: [u], (range: [any], criterion!: any)... -> u",
        aggregate.sumifs,
        kernel=kernels.sumifs,
        role="sum",
    ),
    Function("MIN", "values...: [u] -> u", aggregate.min_, kernel=kernels.min_),
    Function("MAX", "values...: [u] -> u", aggregate.max_, kernel=kernels.max_),
    Function("MINIFS", "values: [u], (range: [any], criterion!: any)... -> u", aggregate.minifs, kernel=kernels.minifs),
    Function("MAXIFS", "values: [u], (range: [any], criterion!: any)... -> u", aggregate.maxifs, kernel=kernels.maxifs),
    Function("COUNT", "values...!: [any] -> number", aggregate.count, kernel=kernels.count),
    Function("COUNTA", "values...!: [any] -> number", aggregate.counta),
    Function("COUNTBLANK", "values!: [any] -> number", aggregate.countblank),
    Function("COUNTIF", "range: [any], criterion!: any -> number", aggregate.countif, kernel=kernels.countifs),
    Function("COUNTIFS", "(range: [any], criterion!: any)... -> number", aggregate.countifs, kernel=kernels.countifs),
    Function("AVERAGE", "values...: [u] -> u", aggregate.average, kernel=kernels.average),
    Function(
        "AVERAGEIF", "range: [any], criterion!: any, values?: [u] -> u", aggregate.averageif, kernel=kernels.averageif
    ),
    Function("AVERAGEIFS", "values: [u], (range: [any], criterion!: any)... -> u", aggregate.averageifs),
)

_STATISTICS = (
    Function("MEDIAN", "values...: [u] -> u", statistics.median),
    Function("MODE", "values...: [u] -> u", statistics.mode),
    Function("MODE.SNGL", "values...: [u] -> u", statistics.mode),
    Function("PERCENTILE", "values: [u], part: 1 -> u", statistics.percentile),
    Function("PERCENTILE.INC", "values: [u], part: 1 -> u", statistics.percentile),
    Function("PERCENTILE.EXC", "values: [u], part: 1 -> u", statistics.percentile_exc),
    Function("QUARTILE", "values: [u], which: 1 -> u", statistics.quartile),
    Function("QUARTILE.INC", "values: [u], which: 1 -> u", statistics.quartile),
    Function("LARGE", "values: [u], place: 1 -> u", statistics.large),
    Function("SMALL", "values: [u], place: 1 -> u", statistics.small),
    Function("RANK", "x: u, values: [u], order?: 1 -> 1", statistics.rank),
    Function("RANK.EQ", "x: u, values: [u], order?: 1 -> 1", statistics.rank),
    Function("RANK.AVG", "x: u, values: [u], order?: 1 -> 1", statistics.rank_avg),
    Function("STDEV", "values...: [u] -> u", statistics.stdev),
    Function("STDEV.S", "values...: [u] -> u", statistics.stdev),
    Function("STDEV.P", "values...: [u] -> u", statistics.stdevp),
    Function("STDEVP", "values...: [u] -> u", statistics.stdevp),
    Function("VAR", "values...: [1] -> 1", statistics.var),
    Function("VAR.S", "values...: [1] -> 1", statistics.var),
    Function("VAR.P", "values...: [1] -> 1", statistics.varp),
    Function("VARP", "values...: [1] -> 1", statistics.varp),
    Function("SUBTOTAL", "which: 1, values...!: [u] -> u", statistics.subtotal),
)

_FINANCE = (
    Function("PMT", "rate: 1, periods: 1, present: u, future?: u, due?: 1 -> u", finance.pmt),
    Function("PV", "rate: 1, periods: 1, payment: u, future?: u, due?: 1 -> u", finance.pv),
    Function("FV", "rate: 1, periods: 1, payment: u, present?: u, due?: 1 -> u", finance.fv),
    Function("NPV", "rate: 1, values...: [u] -> u", finance.npv),
    Function("IRR", "values: [u], guess?: 1 -> 1", finance.irr),
)

_LOOK_UP = (
    Function("INDEX", "array: [v], row?: 1, column?: 1, area?: 1 -> v", lookup.index),
    Function("MATCH", "value: a, array: [a], mode?: 1 -> number", lookup.match),
    Function("XMATCH", "value: a, array: [a], mode?: 1, search?: 1 -> number", lookup.xmatch),
    Function("XLOOKUP", "value: a, array: [a], values: [v], otherwise?!: v, mode?: 1, search?: 1 -> v", lookup.xlookup),
    Function("VLOOKUP", "value: any, table: [any], column!: 1, near?: bool -> any", lookup.vlookup),
    Function("HLOOKUP", "value: any, table: [any], row!: 1, near?: bool -> any", lookup.hlookup),
    Function("LOOKUP", "value: a, array: [a], results?: [any] -> any", lookup.lookup),
    Function("ROWS", "array: [any] -> number", lookup.rows),
    Function("COLUMNS", "array: [any] -> number", lookup.columns),
    Function("TRANSPOSE", "array: [v] -> v", lookup.transpose),
)

_DATES = (
    Function("DATE", "year: 1, month: 1, day: 1 -> date", dates.date, kernel=kernels.date),
    Function("YEAR", "date: date -> 1", dates.year, kernel=kernels.year),
    Function("MONTH", "date: date -> 1", dates.month, kernel=kernels.month),
    Function("DAY", "date: date -> 1", dates.day, kernel=kernels.day),
    Function("HOUR", "date: date -> 1", dates.hour),
    Function("MINUTE", "date: date -> 1", dates.minute),
    Function("SECOND", "date: date -> 1", dates.second),
    Function("TIME", "hour: 1, minute: 1, second: 1 -> 1", dates.time),
    Function("EDATE", "start: date, months: 1 -> date", dates.edate, kernel=kernels.edate),
    Function("EOMONTH", "start: date, months: 1 -> date", dates.eomonth, kernel=kernels.eomonth),
    Function("DAYS", "end: date, start: date -> day", dates.days, kernel=kernels.days),
    Function("YEARS", "start: date, end: date -> year", dates.years, kernel=kernels.years),
    Function("DATEVALUE", "text: text -> date", dates.datevalue),
    Function("TIMEVALUE", "text: text -> 1", dates.timevalue),
    Function("DATEDIF", "start: date, end: date, unit: text -> 1", day_counts.datedif),
    Function("DAYS360", "start: date, end: date, european?: bool -> day", day_counts.days360),
    Function("YEARFRAC", "start!: date, end!: date, basis?!: 1 -> year", day_counts.yearfrac),
    Function("NETWORKDAYS", "start: date, end: date, holidays?: [date] -> day", day_counts.networkdays),
    Function("WORKDAY", "start: date, days: 1, holidays?: [date] -> date", day_counts.workday),
    Function("WEEKNUM", "date: date, kind?: 1 -> 1", day_counts.weeknum),
    Function("ISOWEEKNUM", "date: date -> 1", day_counts.isoweeknum),
    Function("WEEKDAY", "date: date, kind?: 1 -> 1", dates.weekday),
)

_TEXT = (
    Function("CONCAT", "values...: [any] -> text", text.concat),
    Function("CONCATENATE", "values...: any -> text", text.concatenate),
    Function("TEXTJOIN", "between: [text], skip: bool, values...: [any] -> text", text.textjoin),
    Function("LEFT", "text: text, count?: 1 -> text", text.left),
    Function("RIGHT", "text: text, count?: 1 -> text", text.right),
    Function("MID", "text: text, start: 1, count: 1 -> text", text.mid),
    Function("LEN", "text: text -> 1", text.len_),
    Function("FIND", "wanted: text, within: text, start?: 1 -> 1", text.find),
    Function("SEARCH", "wanted: text, within: text, start?: 1 -> 1", text.search),
    Function("SUBSTITUTE", "text: text, old: text, new: text, which?: 1 -> text", text.substitute),
    Function("REPLACE", "text: text, start: 1, count: 1, new: text -> text", text.replace),
    Function("TRIM", "text: text -> text", text.trim),
    Function("UPPER", "text: text -> text", text.upper),
    Function("LOWER", "text: text -> text", text.lower),
    Function("PROPER", "text: text -> text", text.proper),
    Function("VALUE", "text: any -> 1", text.value),
    Function("EXACT", "one: text, other: text -> bool", text.exact),
    Function("REPT", "text: text, times: 1 -> text", text.rept),
    Function("CHAR", "code: 1 -> text", text.char),
    Function("CODE", "text: text -> 1", text.code),
    Function("CLEAN", "text: text -> text", text.clean),
    Function("T", "value: any -> text", text.t),
    Function("TEXT", "value: any, format: text -> text", formats.text_),
)

_INFORMATION = (
    Function("ISBLANK", "value!: any -> bool", information.isblank),
    Function("ISNUMBER", "value!: any -> bool", information.isnumber),
    Function("ISTEXT", "value!: any -> bool", information.istext),
    Function("ISNONTEXT", "value!: any -> bool", information.isnontext),
    Function("ISLOGICAL", "value!: any -> bool", information.islogical),
    Function("ISERROR", "value!: any -> bool", information.iserror),
    Function("ISERR", "value!: any -> bool", information.iserr),
    Function("ISNA", "value!: any -> bool", information.isna),
    Function("ISEVEN", "value: 1 -> bool", information.iseven),
    Function("ISODD", "value: 1 -> bool", information.isodd),
    Function("N", "value: any -> 1", information.n),
    Function("NA", "-> any", information.na),
    Function("ERROR.TYPE", "value!: any -> 1", information.error_type),
)

_OWN = (
    Function("NORM", "name: text, keys?...: any -> norm", norming.norm, lazy=True, kernel=kernels.norm),
    Function("NORM.ON", "date: date, name: text, keys?...: any -> norm", norming.norm_on, lazy=True),
    Function(
        "NORM.IF",
        "name: text, keys?...: any, otherwise: norm -> norm",
        norming.norm_if,
        lazy=True,
        kernel=kernels.norm_if,
    ),
    Function("PREVIOUS", "column: v -> v", norming.previous, lazy=True, kernel=kernels.previous),
    Function("TO.DATE", "column: u -> u", norming.to_date, lazy=True, kernel=kernels.to_date),
    Function("OWN.LINES", "(dimension?: text, code?: any)... -> KZT", norming.own_lines, lazy=True),
    Function("UNDER", "code: code, ancestor: code -> bool", norming.under, lazy=True),
    Function(
        "STRATUM.MEAN",
        "x: [u], by: [any] -> u",
        population.stratum_mean,
        lazy=True,
        kernel=strata.stratum_mean,
        role="population",
    ),
    Function("SHARE", "x: [u], by?: [any] -> 1", population.share, lazy=True, kernel=strata.share, role="population"),
    Function("CLIP", "x: u, low: u, high: u -> u", population.clip, kernel=kernels.clip),
    Function(
        "RANK.BY",
        "x: [u], order?: 1, ties?...: [any] -> number",
        population.rank_by,
        lazy=True,
        kernel=strata.rank_by,
        role="population",
    ),
    Function(
        "DISTRIBUTE",
        "pot: u, weight: [any], digits: 1, tie?: [any] -> u",
        population.distribute,
        lazy=True,
        kernel=strata.distribute,
        role="population",
    ),
)

_TOPICS = (
    _LOGIC, _ARITHMETIC, _AGGREGATE, _STATISTICS, _LOOK_UP, _DATES, _FINANCE, _TEXT, _INFORMATION, _OWN,
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for rows in _TOPICS for function in rows}
"""Every function by its name, in capitals."""

CLOSING = frozenset(name for name, function in FUNCTIONS.items() if function.closes)
"""Those that close rows and months."""


_ROLES = {
    role: frozenset(name for name, function in FUNCTIONS.items() if function.role == role)
    for role in {function.role for function in FUNCTIONS.values()}
}


def of_role(role: str) -> frozenset[str]:
    """The functions of a role."""
    return _ROLES.get(role, frozenset())

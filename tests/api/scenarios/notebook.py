"""The notebook of the README: a budget as tables, a scenario over it, and why the figures moved."""

from api.frames import frame, load, pivot, titles, what_if

base = load("demo")
posts = frame(base, "pay_civil_employees")  # a line for each post and year; numbers are exact decimals
pay = posts.groupby(["administrator", "year"])["fund"].sum()
budget = pivot(base.lines, index="administrator", columns="year", titles=titles(base, "en"))

raised, moves = what_if(base, "pay-up.yaml")  # norms: {pay.base: +10 %}
causes = pivot(moves, index=["cause", "subject"], columns="year")
before, after = (pivot(state.lines, index="specific", columns="year") for state in (base, raised))
by_specific = after - before

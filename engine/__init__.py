"""The pure heart of Esep: rulesets and norms are text, submissions are arrays, and a budget is a function of them.

The verbs, in the order of a budget's life: `loader.load` reads a ruleset, `norms_loader.load_norms` the norms,
`check.check` finds what is wrong, `plan.compile_plan` makes a plan, `evaluate.recalculate` runs it over a workbook,
`lines.lines_of` puts its amounts into the budget, `verdicts.findings_of` says what the checks found, `explain.explain`
says why a figure is what it is, `renorm.renormed` puts other norms under the same inputs.
"""

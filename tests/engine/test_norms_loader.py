"""What is said of norms that were written wrongly, and how a training set lies over the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.findings import Finding
from engine.norms import look_up
from engine.norms.loader import INVENTED, load_norms

SLIPS = Path(__file__).parent / "norms" / "slips.yaml"
HEADER = "code,parent,title_kk,title_ru,title_en,from,to,verified,source,note\n"
USUAL = {
    "units.yaml": "".join(f"{name}: {{title: {{ru: {name}}}}}\n" for name in ("KZT", "MCI", "year", "person")),
    "classifications/sector.csv": HEADER + "education,,,,,,,published,law,\nhealth,,,,,,,published,law,\n",
}
MCI = "mci: {title: {ru: МРП}, type: KZT/MCI, values: [%s]}\n"
REAL = "{from: 2026-01-01, to: 2027-01-01, value: 4325, source: law, verified: published}"


def slips() -> list[dict[str, Any]]:
    return list(yaml.safe_load(SLIPS.read_text(encoding="utf-8")))


@pytest.mark.parametrize("case", slips(), ids=lambda case: str(case["slip"]))
def test_slip_is_found_where_it_is(case: dict[str, Any], tmp_path: Path) -> None:
    found = load_norms(written(tmp_path / "norms", USUAL | case["files"]))[1]
    assert [told(finding) for finding in found] == case["finds"]


def test_training_set_fills_what_is_missing_and_says_so(tmp_path: Path) -> None:
    real = written(tmp_path / "norms", USUAL | {"norms.yaml": MCI % REAL})
    invented = {"a.yaml": "mci: {values: [{from: 2026-01-01, value: 1}, {from: 2027-01-01, value: 5000}]}\n"}
    norms, found = load_norms(real, [written(tmp_path / "training", invented)])
    assert found == []
    value = {year: look_up(norms, "mci", (), date(year, 1, 1)) for year in (2026, 2027)}
    assert [(v.value, v.verified) for v in value.values() if v] == [(4325, "published"), (5000, "training")]
    assert value[2027] is not None
    assert value[2027].source == INVENTED


def test_training_set_adds_codes_after_the_real_ones(tmp_path: Path) -> None:
    invented = {"classifications/sector.csv": HEADER + "circus,,,,,,,,,\n", "classifications/town.csv": HEADER}
    norms, found = load_norms(written(tmp_path / "norms", USUAL), [written(tmp_path / "training", invented)])
    assert found == []
    assert norms.classifications["sector"].codes == ("education", "health", "circus")
    assert norms.classifications["sector"].verified == ("published", "published", "training")
    assert norms.classifications["town"].codes == ()


def test_training_set_cannot_declare_a_norm_anew(tmp_path: Path) -> None:
    real = written(tmp_path / "norms", USUAL | {"norms.yaml": MCI % REAL})
    found = load_norms(real, [written(tmp_path / "training", {"a.yaml": "mci: {type: KZT}\n"})])[1]
    assert [told(finding) for finding in found] == ["training/a.yaml:1:6 norm-redeclared"]


def test_digest_is_blind_to_comments_blanks_and_order(tmp_path: Path) -> None:
    later = "{from: 2027-01-01, value: 5, source: law, verified: published}"
    one = written(tmp_path / "one" / "norms", USUAL | {"norms.yaml": MCI % f"{REAL}, {later}"})
    other = written(tmp_path / "other" / "norms", USUAL | {"a.yaml": "# MCI\n\n" + MCI % f"{later},   {REAL}"})
    changed = written(tmp_path / "changed" / "norms", USUAL | {"norms.yaml": MCI % f"{REAL}"})
    digests = [load_norms(folder)[0].digest for folder in (one, other, changed)]
    assert digests[0] == digests[1] != digests[2]


def written(folder: Path, files: Mapping[str, str | None]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(finding: Finding) -> str:
    """The place and code of a finding, and the name that it thinks was meant."""
    return f"{finding.place} {finding.code} {finding.args.get('nearest', '')}".rstrip()

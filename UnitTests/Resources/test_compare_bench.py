# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""bench.sh --compare: what is a regression, and what cannot be compared."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "Resources" / "setup" / "compare_bench.py"
sys.path.insert(0, str(SCRIPT.parent))
from bench_record import HIGHER, figure, is_reached  # noqa: E402
from compare_bench import NotComparable, compare, read_record  # noqa: E402


def whole(network=80.0, processor="A", studies=1700.0):
    return {"machine": {"processor": processor, "cores": 2, "device": "cpu"},
            "figures": {"network, ms": figure(network), "studies per hour": figure(studies, better=HIGHER)}}


def peer(ratio, lowest, highest):
    return {"peer": {"inference": {"ratio": ratio, "lowest": lowest, "highest": highest}}}


def verdicts(earlier, later, **options):
    return {name: verdict for name, *_, verdict in compare(earlier, later, **options)}


def test_a_figure_that_got_worse_by_more_than_noise_is_a_regression():
    seen = verdicts(whole(), whole(network=120.0))
    assert seen["network, ms"] == "REGRESSION"
    assert seen["studies per hour"] == "within noise"
    assert verdicts(whole(), whole(studies=1000.0))["studies per hour"] == "REGRESSION"
    assert verdicts(whole(), whole(network=40.0))["network, ms"] == "faster"


def test_an_aim_is_reached_from_the_side_that_is_better():
    assert is_reached(figure(19.0, aim=20)) and not is_reached(figure(21.0, aim=20))
    assert is_reached(figure(1.4, aim=1.3, better=HIGHER)) and not is_reached(figure(1.2, aim=1.3, better=HIGHER))


def test_milliseconds_of_another_machine_are_not_judged():
    assert set(verdicts(whole(), whole(network=300.0, processor="B")).values()) == {"another machine: not judged"}


def test_ratios_are_judged_by_their_own_spread():
    steady, restless = peer(1.3, 1.28, 1.32), peer(1.3, 0.8, 1.9)
    worse = peer(0.9, 0.88, 0.92)
    assert verdicts(steady, worse)["inference, ratio"] == "REGRESSION"
    assert verdicts(restless, worse)["inference, ratio"] == "within noise"


def test_records_without_a_figure_in_common_are_refused():
    with pytest.raises(NotComparable, match="no figure in common"):
        compare(whole(), peer(1, 1, 1))
    with pytest.raises(NotComparable, match="without a figure"):
        compare({"rounds": 3}, whole())


def test_the_exit_status_says_what_was_found(tmp_path):
    def run(earlier, later):
        paths = []
        for i, text in enumerate((earlier, later)):
            paths.append(tmp_path / f"{i}.txt")
            paths[-1].write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, SCRIPT, *paths], capture_output=True, text=True, check=False)

    good, slow = (f"what a person reads\n{json.dumps(record)}\n" for record in (whole(), whole(network=200.0)))
    assert run(good, good).returncode == 0
    assert run(good, slow).returncode == 1
    assert "REGRESSION" in run(good, slow).stdout
    broken = run(good, "nothing\n")
    assert broken.returncode == 2 and "no line of it is a JSON object" in broken.stderr


def test_the_last_record_of_a_file_counts(tmp_path):
    path = tmp_path / "record.txt"
    path.write_text(f"{json.dumps(whole(1.0))}\n{json.dumps(whole(2.0))}\n", encoding="utf-8")
    assert read_record(path)["figures"]["network, ms"]["value"] == 2.0

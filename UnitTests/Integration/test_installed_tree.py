# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree that `cmake --install` makes serves by itself: plugin, engine and model find each other, and nothing of the
build folder is needed. H3K27M_INSTALLED names the prefix; Resources/test.sh sets it."""

import os
import subprocess
from pathlib import Path

import pytest
from series_builder import make_series
from test_pacs import TestPacs


@pytest.fixture(scope="module")
def tree():
    prefix = os.environ.get("H3K27M_INSTALLED")
    if not prefix:
        pytest.skip("H3K27M_INSTALLED names no installed tree (Resources/test.sh --only install makes one)")
    return Path(prefix)


def find(tree, name):
    found = sorted(tree.rglob(name))
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def test_engine_runs_from_the_tree(tree):
    answer = subprocess.run([find(tree, "h3k27m"), "--help"], capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0 and "serve" in answer.stdout, answer.stderr


def test_licence_and_model_card_are_shipped(tree):
    assert list(tree.rglob("card.json"))
    assert list(tree.rglob("LICENSE"))


def test_a_stock_orthanc_loads_the_tree(tree, tmp_path):
    """No path of ours in the configuration but the plugin's: engine and model are found relative to it."""
    plugin = find(tree, "libOrthancH3K27M.so")
    with TestPacs(tmp_path, plugin.parent) as pacs:
        case = pacs.wait_for_case(pacs.send_all(make_series()), "done")
        assert case["result"]["report"]

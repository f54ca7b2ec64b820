# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compose files take from the environment. No container engine runs here: the files are read as text."""

import re
from pathlib import Path

import pytest

DOCKER = Path(__file__).resolve().parents[2] / "Docker"
COMPOSE = ["compose-sqlite.yml", "compose-postgresql.yml"]


def list_variables(file):
    text = (DOCKER / file).read_text(encoding="utf-8")
    return set(re.findall(r"\$\{(\w+)", text)) | set(re.findall(r"^ +(H3K27M_\w+):$", text, re.MULTILINE))


@pytest.mark.parametrize("file", COMPOSE)
def test_each_variable_stands_in_the_readme(file):
    readme = (DOCKER / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(list_variables(file)) if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("file, passwords", list(zip(COMPOSE, (["ADMIN"], ["ADMIN", "POSTGRESQL"]))))
def test_a_password_may_be_a_file_in_place_of_a_variable(file, passwords):
    variables = list_variables(file)
    for name in passwords:
        assert {f"H3K27M_{name}_PASSWORD", f"H3K27M_{name}_PASSWORD_FILE"} <= variables
    # What is marked so must be set, and the entry point refuses a password that is given both ways.
    assert ":?" not in (DOCKER / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", COMPOSE)
def test_a_stop_waits_for_the_check_of_an_uploaded_model(file):
    text = (DOCKER / file).read_text(encoding="utf-8")
    longest = max(int(seconds) for seconds in re.findall(r"stop_grace_period: (\d+)s", text))
    mapping = (DOCKER.parent / "Plugin" / "SettingsMapping.cpp").read_text(encoding="utf-8")
    assert longest > int(re.search(r"std::chrono::seconds LIMIT\((\d+)\)", mapping).group(1))


@pytest.mark.parametrize("file", COMPOSE)
def test_no_log_grows_without_end(file):
    text = (DOCKER / file).read_text(encoding="utf-8")
    bounded = re.findall(r"^ +logging: \{ driver: json-file, options: \{ max-size: 10m, max-file: \"5\" \} \}$", text, re.MULTILINE)
    assert len(bounded) == len(re.findall(r"^ +image: ", text, re.MULTILINE))

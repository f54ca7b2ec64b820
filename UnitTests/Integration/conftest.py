# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the end-to-end tests. H3K27M_BUILD names the build folder (default: build/release)."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

import jsonschema
import pytest
import requests

from test_pacs import REPOSITORY, TestPacs

BUILD = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release"))
FIXTURES = REPOSITORY.parent / "shared" / "fixtures"


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: judges time or memory, and wants nothing beside it (Resources/test.sh runs the "
                                       "other files several at a time)")


@pytest.fixture(scope="session")
def build():
    """The folder with both products; a test without them is an error, not a skip."""
    for name in ("libOrthancH3K27M.so", "h3k27m"):
        assert (BUILD / name).exists(), f"{BUILD / name} is not built: run Resources/test.sh"
    return BUILD


@pytest.fixture(scope="session")
def fixtures():
    if not FIXTURES.exists():
        pytest.skip("the real studies of ../shared/fixtures are not on this machine")
    return FIXTURES / "mr"


@pytest.fixture(scope="module")
def pacs(build, tmp_path_factory):
    """One Orthanc for all tests of a file."""
    with TestPacs(tmp_path_factory.mktemp("pacs"), build) as server:
        yield server


@pytest.fixture
def make_pacs(build, tmp_path):
    """A factory of Orthancs for one test, for those that are killed or configured; all are stopped at the end."""
    with contextlib.ExitStack() as stack:   # each is stopped, whatever the end of another brings
        numbers = itertools.count()

        def make(start=True, **options):
            server = TestPacs(tmp_path / f"pacs{next(numbers)}", build, **options)
            stack.callback(server.stop)
            if start:
                server.start()
            return server

        yield make


@pytest.fixture(scope="session")
def engine_program(build):
    return build / "h3k27m"


@pytest.fixture(scope="module")
def api(pacs):
    return pacs.client.get("/h3k27m/openapi.json")


@pytest.fixture(scope="module")
def call(pacs, api):
    """Calls a route and checks status and body against openapi.json. call("GET", "cases/{study}", study=...)

    body: sent as JSON; csv: sent as CSV; archive: sent as ZIP.
    """
    def perform(method, route, body=None, query=None, headers=None, csv=None, archive=None, **path):
        documented = api["paths"][f"/{route}"][method.lower()]
        url = f"{pacs.client.url}/h3k27m/" + route.format(**path)
        if csv is not None:
            headers = {"Content-Type": "text/csv", **(headers or {})}
        if archive is not None:
            headers = {"Content-Type": "application/zip", **(headers or {})}
        answer = requests.request(method, url, json=body, data=csv if archive is None else archive, params=query,
                                  headers=headers, timeout=120)
        assert str(answer.status_code) in documented["responses"], f"{answer.status_code} is not documented: {answer.text}"
        content = documented["responses"][str(answer.status_code)]["content"]
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in content, f"{kind} is not documented"
        if kind == "application/json":
            # References in a schema begin at the document's root.
            schema = {**content[kind]["schema"], "components": api["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())
        return answer
    return perform


def require_tool(name):
    """A program of the test packages; without it the test says so instead of passing."""
    path = shutil.which(name)
    assert path, f"{name} is not installed: Resources/install-packages.sh test"
    return path


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of the log of the Orthancs that it used."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for value in item.funcargs.values():
            if isinstance(value, TestPacs):
                report.sections.append((f"log of {value.folder.name}", value.log()[-6000:]))

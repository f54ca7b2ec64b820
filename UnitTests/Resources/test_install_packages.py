# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""install-packages.sh restarts no Orthanc service that somebody else installed, and waits for apt's locks. Debian's tools are
played by scripts."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "Resources" / "install-packages.sh"
MISSING = "orthanc-postgresql"


@pytest.fixture
def machine(tmp_path):
    """install(is_running, own, failures of apt-get update) -> (exit code, standard error, what apt-get was asked for)."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "cache").mkdir()
    calls = tmp_path / "calls"

    def write(name, script):
        (tools / name).write_text("#!/bin/sh\n" + script)
        (tools / name).chmod(0o755)

    def install(is_running, own, failures=0):
        write("dpkg-query", f'case "$*" in *{MISSING}*) exit 1 ;; *) echo -n installed ;; esac\n')
        write("systemctl", f"exit {0 if is_running else 3}\n")
        write("apt-get", f'echo "$@" >> {calls}\n[ "$1" != update ] || [ "$(grep -c update {calls})" -gt {failures} ]\n')
        write("sleep", "exit 0\n")
        write("sudo", 'exec "$@"\n')
        (tmp_path / "cache" / "installed-packages.txt").write_text("ccache\n" + ("orthanc\n" if own else ""))
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "H3K27M_CACHE": str(tmp_path / "cache")}
        environment.pop("H3K27M_OFFLINE", None)
        run = subprocess.run([SCRIPT, "test"], env=environment, capture_output=True, text=True, timeout=60, check=False)
        return run.returncode, run.stderr, calls.read_text() if calls.exists() else ""
    return install


def test_a_service_that_somebody_else_installed_is_not_restarted(machine):
    code, error, calls = machine(is_running=True, own=False)
    assert code != 0 and calls == "" and f"installing {MISSING} would restart it" in error


@pytest.mark.parametrize("is_running, own", [(True, True), (False, False)])
def test_else_what_is_missing_is_installed(machine, is_running, own):
    code, error, calls = machine(is_running=is_running, own=own)
    assert code == 0, error
    assert MISSING in calls.splitlines()[-1]


def test_lists_that_another_apt_holds_are_asked_for_again_and_its_packages_waited_for(machine):
    code, error, calls = machine(is_running=False, own=False, failures=3)
    assert code == 0, error
    assert [line.split()[0] for line in calls.splitlines()] == ["update"] * 4 + ["install"]
    assert "DPkg::Lock::Timeout=600" in calls.splitlines()[-1]


def test_lists_that_never_come_end_it(machine):
    code, error, calls = machine(is_running=False, own=False, failures=99)
    assert code != 0 and "apt-get update failed" in error and "install" not in calls

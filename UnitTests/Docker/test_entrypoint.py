# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the container's entry point makes of the files and the environment. It runs as it is, in a mount namespace of its own where
the container's folders are temporary ones, and where `Orthanc` prints the configuration that it is given."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

DOCKER = Path(__file__).resolve().parents[2] / "Docker"
MOUNT = "mount -t tmpfs t /run && mkdir /run/h3k27m && mount --bind $1/share /usr/local/share && mount --bind $1/etc /etc && " \
        "mount -t tmpfs t /var/lib && PATH=$1/bin:$PATH exec $2"


def can_unshare():
    return shutil.which("unshare") and shutil.which("jq") and shutil.which("perl") and \
        subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "t", "/mnt"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_unshare(), reason="needs jq, perl and mount namespaces")


@pytest.fixture
def start(tmp_path):
    """start(files, **environment): the configuration that Orthanc gets, with what curl gets for the health check as `check`; or the
    message with which nothing starts."""
    (tmp_path / "share" / "h3k27m").mkdir(parents=True)
    (tmp_path / "etc" / "h3k27m").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    shutil.copy(DOCKER / "orthanc.json", tmp_path / "share" / "h3k27m")
    orthanc = tmp_path / "bin" / "Orthanc"
    orthanc.write_text('#!/bin/sh\njq --rawfile check /run/h3k27m/healthcheck.curl ". + {check: \\$check}" "$1"\n', encoding="utf-8")
    orthanc.chmod(0o755)

    def run(files, mount=MOUNT, **environment):
        for name, content in files.items():
            (tmp_path / "etc" / "h3k27m" / name).write_text(json.dumps(content), encoding="utf-8")
        result = subprocess.run(["unshare", "-rm", "sh", "-c", mount, "sh", tmp_path, DOCKER / "entrypoint.sh"], capture_output=True,
                                text=True, check=False, env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", **environment})
        return json.loads(result.stdout) if result.returncode == 0 else result.stderr

    return run


def test_the_administrator_of_the_environment_is_the_one_user(start):
    configuration = start({}, H3K27M_ADMIN_PASSWORD="secret")
    assert configuration["RegisteredUsers"]["admin"] == "secret"
    assert configuration["H3K27M"]["Access"]["Roles"]["admin"] == "administrator"
    assert configuration["H3K27M"]["Triage"] == "shadow"


def test_the_health_check_has_a_name_where_a_proxy_names_the_user(start):
    access = {"UserHeader": "X-Remote-User", "AnonymousRole": "none"}
    configuration = start({"1.json": {"AuthenticationEnabled": False, "H3K27M": {"Access": access}}})
    assert 'header = "X-Remote-User: healthcheck"' in configuration["check"].splitlines()
    assert configuration["H3K27M"]["Access"] == {**access, "Roles": {"healthcheck": "viewer"}}
    assert "header" not in start({"1.json": {"H3K27M": {"Access": {"UserHeader": ""}}}}, H3K27M_ADMIN_PASSWORD="secret")["check"]


def test_files_are_merged_in_the_order_of_their_names_and_the_environment_comes_last(start):
    configuration = start({"1.json": {"H3K27M": {"Triage": "on"}, "Name": "first"}, "2.json": {"Name": "second"}},
                          H3K27M_ADMIN_PASSWORD="secret")
    assert (configuration["H3K27M"]["Triage"], configuration["Name"]) == ("on", "second")
    assert start({}, H3K27M_ADMIN_PASSWORD="secret", H3K27M_TRIAGE="off")["H3K27M"]["Triage"] == "off"


def test_nothing_starts_without_a_user(start):
    assert "set H3K27M_ADMIN_PASSWORD" in start({})


def test_a_folder_that_cannot_be_written_is_told_as_that(start):
    read_only = MOUNT.replace("mkdir /run/h3k27m", "mkdir /run/h3k27m && mount -t tmpfs -o ro t /run/h3k27m")
    message = start({}, mount=read_only, H3K27M_ADMIN_PASSWORD="secret")
    assert "cannot write /run/h3k27m/orthanc.json" in message and "mode=1777" in message
    assert "no configuration" not in message


def test_a_password_may_stand_in_a_file_that_can_be_read_and_then_nowhere_else(start, tmp_path):
    secret = tmp_path / "secret"
    from_file = {"H3K27M_ADMIN_PASSWORD_FILE": str(secret)}
    assert f"H3K27M_ADMIN_PASSWORD_FILE is {secret}" in start({}, **from_file)
    secret.write_text("from a file\n", encoding="utf-8")
    # Compose hands over an empty variable where there is none.
    assert start({}, H3K27M_ADMIN_PASSWORD="", **from_file)["RegisteredUsers"]["admin"] == "from a file"
    assert "are both set" in start({}, H3K27M_ADMIN_PASSWORD="secret", **from_file)


READER = {"reader.json": {"RegisteredUsers": {"reader": "${READER_PASSWORD}"}}}


def test_a_password_from_a_variable_that_is_not_set_is_no_empty_password(start):
    assert "READER_PASSWORD" in start(READER, H3K27M_ADMIN_PASSWORD="secret")
    assert "READER_PASSWORD" in start(READER, H3K27M_ADMIN_PASSWORD="secret", READER_PASSWORD="")
    assert start(READER, H3K27M_ADMIN_PASSWORD="secret", READER_PASSWORD="x")["RegisteredUsers"]["reader"] == "${READER_PASSWORD}"


def test_a_variable_with_a_value_in_its_place_need_not_be_set(start):
    assert start({"1.json": {"Name": "${TITLE:-PACS}"}}, H3K27M_ADMIN_PASSWORD="secret")["Name"] == "${TITLE:-PACS}"


def test_an_empty_password_is_refused(start):
    assert "empty password" in start({"1.json": {"RegisteredUsers": {"reader": ""}}}, H3K27M_ADMIN_PASSWORD="secret")


def test_what_the_entry_point_takes_out_of_the_environment_cannot_be_named(start):
    assert "H3K27M_ADMIN_PASSWORD" in start({"1.json": {"Name": "${H3K27M_ADMIN_PASSWORD}"}}, H3K27M_ADMIN_PASSWORD="secret")

# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container may write to, and what goes into an image. Nothing is built or mounted here."""

import re
import sys
from pathlib import Path

import pytest

DOCKER = Path(__file__).resolve().parents[2] / "Docker"
sys.path.insert(0, str(DOCKER))
from chroot_stages import Builder  # noqa: E402
from container import TMPFS, tmpfs_words  # noqa: E402

COMPOSE = ["compose-sqlite.yml", "compose-postgresql.yml"]


@pytest.mark.parametrize("mode", [0o700, 0o1777])
def test_a_tmpfs_has_the_mode_of_the_images_folder_and_no_owner_but_root(tmp_path, mode):
    tmp_path.chmod(mode)
    assert tmpfs_words(tmp_path) == ["-t", "tmpfs", "-o", f"mode={mode:04o}", "tmpfs"]


@pytest.mark.parametrize("file", COMPOSE)
def test_the_user_can_write_where_the_entry_point_does(file):
    (line,) = re.findall(r"^ +tmpfs: \[(.*)\]$", (DOCKER / file).read_text(encoding="utf-8"), re.MULTILINE)
    mounted = [word.strip('"') for word in line.split(", ")]
    assert [target.partition(":")[0] for target in mounted] == list(TMPFS)
    assert "/run/h3k27m:mode=1777" in mounted
    # Without that option an engine takes the mode of the image's folder.
    assert "--mode=1777 /run/h3k27m" in (DOCKER / "Dockerfile").read_text(encoding="utf-8")


def is_left_out(path):
    return Builder(DOCKER.parent, ".", {}, {}, ".").is_ignored(Path(path))


@pytest.mark.parametrize("path", ["Docker/README.md", "Docker/Dockerfile", "Docker/container.py", "Docker/run-in-chroot.sh",
                                  *(f"Docker/{file}" for file in COMPOSE)])
def test_the_image_test_has_what_the_tests_read(path):
    assert (DOCKER.parent / path).exists() and not is_left_out(path)


@pytest.mark.parametrize("path", ["Docker/configuration/users.json", "Docker/compose.override.yml", "build/release/h3k27m",
                                  ".schemathesis/cache"])
def test_what_is_this_machines_own_is_in_no_image(path):
    assert is_left_out(path)

# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds a stage of the Dockerfile in chroots and, for `serve`, runs it as a container engine would.

See run-in-chroot.sh, which starts this in a mount namespace of its own."""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from chroot_stages import Builder, say, tree_size
from container import STOP_LIMIT_SECONDS, Container, Network
from dockerfile import DockerfileError, read_dockerfile

REPOSITORY = Path(__file__).parents[1]
FIRST, SECOND = "http://127.0.0.1:8042", "http://127.0.0.1:8043"
# For the check only: phantoms are studies here, and their results are stored soon.
DEMONSTRATION = {"StableAge": 3, "H3K27M": {"Triage": "on", "AllowPhantoms": True, "PhantomsRoute": True}}
# In the command of postgresql_server.py: from here on the server asks for the password.
DATABASE = r"""psql --quiet --set=password="$0" "$H3K27M_TEST_POSTGRESQL" <<'SQL' >/dev/null
ALTER USER h3k27m PASSWORD :'password';
\setenv HBA_FILE `psql --no-align --tuples-only --command 'SHOW hba_file' "$H3K27M_TEST_POSTGRESQL"`
\! echo "host all all 127.0.0.1/32 scram-sha-256" >"$HBA_FILE"
SELECT pg_reload_conf();
SQL
echo "$H3K27M_TEST_POSTGRESQL"
read -r _"""
# An engine that never starts is given up at once.
BROKEN_ENGINE = {"H3K27M": {"Engine": "/bin/false", "MaxEngineFailures": 1}}


def ask(network, password, *words):
    """check_service.py in the containers' network; what it printed last."""
    script = str(REPOSITORY / "Docker" / "check_service.py")
    answer = subprocess.run([*network.enter, sys.executable, script, *words],
                            env={**os.environ, "H3K27M_CREDENTIALS": f"admin:{password}"},
                            check=True, stdout=subprocess.PIPE, text=True)
    print(answer.stdout, end="", flush=True)
    return answer.stdout.splitlines()[-1]


def check_refusal(network, tree, image):
    """Without a password nothing starts, and the reason is said."""
    with Container(network, tree, image, {}, {}) as container:
        status = container.process.wait(timeout=STOP_LIMIT_SECONDS)
    if status == 0:
        raise DockerfileError("the image started without any user")
    say("without a password the image does not start")


def check_service(network, tree, image):
    password = secrets.token_hex(12)
    with Container(network, tree, image, DEMONSTRATION, {"H3K27M_ADMIN_PASSWORD": password}) as container:
        container.wait_until_healthy()
        study = ask(network, password, "--url", FIRST, "--send", "1")
        ask(network, password, "--url", FIRST, "--expect", study)
        container.stop()


def check_health(network, tree, image):
    """With an engine that never starts the PACS serves, and the health check says why it is not well."""
    password = {"H3K27M_ADMIN_PASSWORD": secrets.token_hex(12)}
    with Container(network, tree, image, BROKEN_ENGINE, password) as container:
        container.wait_until(lambda: "given-up" in container.health()[1], "given up")
        status, words = container.health()
        say(f"with a broken engine the health check ends with {status}: {words}")
        if status == 0:
            raise DockerfileError("the health check calls an engine healthy that was given up")
        container.stop()


def check_two_servers(network, tree, image):
    """As compose-postgresql.yml: two servers on one PostgreSQL. The one that studies were sent to is killed before
    it told anybody of them; the other one finds and finishes them."""
    password, database_password = secrets.token_hex(12), "a 'word' " + secrets.token_hex(12)
    script = str(REPOSITORY / "Resources" / "setup" / "postgresql_server.py")
    server = subprocess.Popen([*network.enter, sys.executable, script, "/bin/sh", "-c", DATABASE, database_password],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = server.stdout.readline().rpartition(":")[2].partition("/")[0]
    if not port:
        raise DockerfileError("PostgreSQL did not start")
    environment = {"H3K27M_ADMIN_PASSWORD": password, "H3K27M_POSTGRESQL_HOST": "127.0.0.1",
                   "H3K27M_POSTGRESQL_PORT": port, "H3K27M_POSTGRESQL_DATABASE": "postgres",
                   "H3K27M_POSTGRESQL_USER": "h3k27m", "H3K27M_POSTGRESQL_PASSWORD": database_password}
    # In one network the second server needs other ports; under an engine each has its own.
    first = {**DEMONSTRATION, "H3K27M": {**DEMONSTRATION["H3K27M"], "LeaseSeconds": 5}}
    second = {**first, "HttpPort": 8043, "DicomPort": 4243, "DicomAet": "SECOND"}
    try:
        with tempfile.TemporaryDirectory(prefix="h3k27m-volume-") as volume, \
                Container(network, tree, image, first, environment, volume) as a, \
                Container(network, tree, image, second, environment, volume) as b:
            a.wait_until_healthy()
            b.wait_until_healthy()
            studies = ask(network, password, "--url", FIRST, "--send", "4").split()
            a.kill()
            say("the first of two servers on one PostgreSQL was killed")
            ask(network, password, "--url", SECOND, "--expect", *studies)
            b.stop()
    finally:
        server.communicate("\n", timeout=STOP_LIMIT_SECONDS)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--with-postgresql", action="store_true", help="two servers on one database too")
    parser.add_argument("--folder", required=True, help="where the trees are")
    parser.add_argument("--caches", required=True, help="where RUN --mount=type=cache keeps what it keeps")
    arguments = parser.parse_args()
    # Ended from outside it clears up as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    try:
        given = dict(argument.partition("=")[::2] for argument in arguments.build_arg)
        values, stages = read_dockerfile((REPOSITORY / "Docker" / "Dockerfile").read_text(), given)
        if arguments.stage not in stages:
            raise DockerfileError(f"there is no stage {arguments.stage}: {', '.join(stages)}")
        builder = Builder(REPOSITORY, arguments.folder, {**values, **given}, stages, arguments.caches)
        tree, image, _ = builder.image(arguments.stage)
        base = tree_size(builder.image(f"debian:{values['DEBIAN']}-slim")[0])
        size = tree_size(tree)
        if arguments.stage == "serve":
            with Network() as network:
                check_refusal(network, tree, image)
                check_service(network, tree, image)
                check_health(network, tree, image)
                if arguments.with_postgresql:
                    check_two_servers(network, tree, image)
        say(f"{arguments.stage} on {values['DEBIAN']}: {size / 1e6:.0f} MB, of which the base {base / 1e6:.0f} MB")
    except (DockerfileError, subprocess.SubprocessError, OSError) as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

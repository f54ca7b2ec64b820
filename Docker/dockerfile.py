# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the Dockerfile: stages with their instructions, expanded as a container engine would expand them.

Only what our Dockerfile uses is known; anything else is an error, so that nothing is passed over in silence.
"""

import json
import re
import shlex
from dataclasses import dataclass, field

KNOWN = {"FROM", "ARG", "ENV", "RUN", "COPY", "WORKDIR", "USER", "LABEL", "VOLUME", "EXPOSE", "STOPSIGNAL",
         "HEALTHCHECK", "ENTRYPOINT", "CMD"}
FLAGS = {"RUN": {"mount"}, "COPY": {"from", "chmod"}, "HEALTHCHECK": {"interval", "timeout", "start-period", "retries"}}
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")


class DockerfileError(Exception):
    """What is wrong with the Dockerfile, or what this reader does not know."""


@dataclass
class Instruction:
    word: str
    flags: dict
    rest: str
    line: int


@dataclass
class Stage:
    name: str
    base: str
    instructions: list = field(default_factory=list)


@dataclass
class Image:
    """What a stage leaves behind beside its files."""
    environment: dict = field(default_factory=lambda: {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"})
    workdir: str = "/"
    user: str = ""
    entrypoint: list = field(default_factory=list)
    command: list = field(default_factory=list)
    healthcheck: list = field(default_factory=list)
    volumes: list = field(default_factory=list)
    stop_signal: str = "SIGTERM"


def expand(text, values):
    def replace(match):
        name = match.group(1) or match.group(3)
        return values.get(name) or (match.group(2) or "")
    return VARIABLE.sub(replace, text)


def logical_lines(text):
    """Pairs of line number and instruction: comments left out, continued lines joined."""
    pending, begin = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        begin = begin or number
        if line.rstrip().endswith("\\"):
            pending += line.rstrip()[:-1]
            continue
        yield begin, pending + line
        pending, begin = "", 0
    if pending:
        raise DockerfileError(f"line {begin}: the last line goes on")


def parse_instruction(number, line):
    word, _, rest = line.strip().partition(" ")
    word, rest, flags = word.upper(), rest.strip(), {}
    if word not in KNOWN:
        raise DockerfileError(f"line {number}: the instruction {word} is not known here")
    while rest.startswith("--"):
        flag, _, rest = rest.partition(" ")
        name, _, value = flag[2:].partition("=")
        if name not in FLAGS.get(word, ()) or name in flags:
            raise DockerfileError(f"line {number}: {word} --{name} is not known here, or named twice")
        flags[name], rest = value, rest.strip()
    return Instruction(word, flags, rest, number)


def read_dockerfile(text, arguments):
    """The global arguments and the stages by name, in order. arguments: those of the command line."""
    values, stages = {}, {}
    stage = None
    for number, line in logical_lines(text):
        instruction = parse_instruction(number, line)
        if instruction.word == "FROM":
            words = instruction.rest.split()
            if len(words) != 3 or words[1].upper() != "AS":
                raise DockerfileError(f"line {number}: FROM IMAGE AS NAME is what is known here")
            stage = stages[words[2]] = Stage(words[2], expand(words[0], values))
        elif stage is not None:
            stage.instructions.append(instruction)
        elif instruction.word == "ARG":
            name, _, value = instruction.rest.partition("=")
            values[name] = arguments.get(name, value)
        else:
            raise DockerfileError(f"line {number}: {instruction.word} before the first FROM")
    return values, stages


def command_list(instruction, rest=None):
    """The JSON form of ENTRYPOINT, CMD and HEALTHCHECK CMD."""
    try:
        words = json.loads(instruction.rest if rest is None else rest)
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise DockerfileError(f"line {instruction.line}: {instruction.word} in its JSON form is what is known here")
    return words


def assignments(instruction, values):
    pairs = [word.partition("=") for word in shlex.split(expand(instruction.rest, values))]
    if not all(equals for _, equals, _ in pairs):
        raise DockerfileError(f"line {instruction.line}: {instruction.word} NAME=VALUE is what is known here")
    return {name: value for name, _, value in pairs}


def apply_setting(image, instruction, values):
    """Carries out an instruction that changes no file. False: it is none of these."""
    word, rest = instruction.word, expand(instruction.rest, values)
    if word == "ENV":
        image.environment.update(assignments(instruction, values))
    elif word == "USER":
        image.user = rest
    elif word == "VOLUME":
        image.volumes.append(rest)
    elif word == "STOPSIGNAL":
        image.stop_signal = rest
    elif word == "ENTRYPOINT":
        image.entrypoint, image.command = command_list(instruction), []
    elif word == "CMD":
        image.command = command_list(instruction)
    elif word == "HEALTHCHECK":
        kind, _, command = instruction.rest.partition(" ")
        image.healthcheck = [] if kind == "NONE" else command_list(instruction, command)
    elif word == "LABEL":
        assignments(instruction, values)
    elif word != "EXPOSE":
        return False
    return True

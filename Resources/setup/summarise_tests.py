#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds up the JUnit files of ctest and pytest; names each failed test and why others were skipped. Exit code 1 on any
failure, also of a step that holds no tests."""

import argparse
import collections
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--failed", nargs="*", default=[], help="steps that failed")
    arguments = parser.parse_args()

    passed, failed, skipped = 0, [], collections.Counter()
    for file in sorted(Path(arguments.logs).glob("*.xml")):
        for case in ElementTree.parse(file).iter("testcase"):
            name = f"{file.stem}: {case.get('classname')}.{case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
                failed.append(name)
            elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
                reason = case.find("skipped")
                skipped[(reason.get("message") if reason is not None else None) or "not run"] += 1
            else:
                passed += 1

    for name in failed:
        print(f"failed  {name}")
    for reason, count in skipped.most_common():
        print(f"skipped {count}: {reason}")
    steps = arguments.steps - len(arguments.failed)
    print(f"steps: {steps} passed, {len(arguments.failed)} failed"
          + (f" ({', '.join(arguments.failed)})" if arguments.failed else ""))
    print(f"{passed} passed, {len(failed)} failed, {sum(skipped.values())} skipped")
    return 1 if failed or arguments.failed else 0


if __name__ == "__main__":
    sys.exit(main())

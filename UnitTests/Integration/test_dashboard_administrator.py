# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator does in the dashboard, on real runs: compare, read the report, stop and go on, change the model, retry."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from series_builder import make_series
from test_accessibility import SCHEMES, inspect
from test_dashboard import SIZES, browser, shoot, wait_in_page, watched_page   # noqa: F401 - a fixture
from test_models import wait_for_engine
from test_pacs import TestPacs
from test_runs import LONG, TINY, fill, get, start, wait_for

SHIPPED = "phantom-demonstration"


@pytest.fixture(scope="module")
def trained(build, tmp_path_factory):
    """A PACS of its own with two finished cross-validations. What fails there is not retried by itself while a test lasts."""
    with TestPacs(tmp_path_factory.mktemp("trained"), build, h3k27m={"RetryDelaySeconds": 3600}) as pacs:
        fill(pacs)
        longer = {**TINY, "training": {"steps": 30, "batch": 4}}
        pacs.runs = [start(pacs, "cross-validate", config) for config in (TINY, longer)]
        pacs.runs.append(start(pacs, "pretrain", TINY, phantoms=2))
        for run in pacs.runs:
            assert wait_for(pacs, run)["state"] == "done"
        yield pacs


@pytest.fixture
def page(browser, trained):   # noqa: F811
    """As in test_dashboard.py; of the report's frame Chromium tells that its sandbox lets no script run, the test's own neither."""
    with watched_page(browser, trained) as opened:
        opened.on("console", lambda message: opened.faults.append(message.text) if message.type == "error"
                  and not re.search("Failed to load resource|frame is sandboxed", message.text) else None)
        yield opened


def test_two_runs_are_chosen_and_compared(page, trained):
    page.goto(f"{trained.client.url}/h3k27m/app/#/runs")
    button = page.get_by_role("button", name="Compare two runs")
    expect(page.locator("tbody tr")).to_have_count(3, timeout=10000)
    expect(button).to_be_disabled()
    for run in trained.runs[:2]:
        page.get_by_label(f"compare {run}").check()
    page.wait_for_timeout(2500)   # the table is drawn anew, and what was chosen stays
    expect(page.get_by_label(f"compare {trained.runs[0]}")).to_be_checked()
    button.click()
    expect(page.locator("h1")).to_have_text("Two runs compared", timeout=20000)
    main = page.locator("main")
    for words in (*trained.runs[:2], "the same in both runs", "training.steps", "External patients", "protocol oracle",
                  "Research use only"):
        expect(main).to_contain_text(words)
    row = page.locator("tr", has=page.get_by_role("rowheader", name="AUROC")).first
    expect(row).to_contain_text(" to ")
    expect(page.locator("td.differs").first).to_be_visible()
    for name, size in SIZES.items():
        page.set_viewport_size(size)
        shoot(page, f"compare-{name}")

    page.goto(f"{trained.client.url}/h3k27m/app/#/runs/compare/{trained.runs[0]}/{trained.runs[2]}")
    page.reload()
    expect(main).to_contain_text("measured no patient", timeout=20000)
    page.goto(f"{trained.client.url}/h3k27m/app/#/runs/compare/{trained.runs[0]}/nobody")
    page.reload()
    expect(main).to_contain_text("There is no run 'nobody'", timeout=20000)




@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_pages_of_runs_have_no_serious_fault(browser, trained, scheme):   # noqa: F811
    with watched_page(browser, trained) as page:
        page.go(f"#/run/{trained.runs[0]}")
        for part in ("iframe.report", "div.curve canvas"):
            expect(page.locator(part)).to_be_visible(timeout=20000)
        inspect(page, "page-run", scheme)
        page.go("#/runs")
        expect(page.locator("tbody tr")).to_have_count(3, timeout=20000)
        inspect(page, "page-runs-done", scheme)
        page.go(f"#/runs/compare/{trained.runs[0]}/{trained.runs[1]}")
        expect(page.locator("h1")).to_have_text("Two runs compared", timeout=20000)
        inspect(page, "page-compare", scheme)


def test_a_finished_run_shows_its_losses_and_its_report(page, trained):
    page.go(f"#/run/{trained.runs[0]}")
    expect(page.locator("main .badge.done")).to_be_visible(timeout=20000)
    expect(page.locator("div.curve canvas")).to_be_visible(timeout=20000)
    coloured = """() => {
      const canvas = document.querySelector("div.curve canvas");
      const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 128 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) count++;
      }
      return count;
    }"""
    wait_in_page(page, lambda: page.evaluate(coloured) > 50)   # the lines: axes and letters are grey
    frame = page.locator("iframe.report")
    expect(frame).to_be_visible(timeout=20000)
    expect(frame).to_have_attribute("sandbox", "")
    report = page.frame_locator("iframe.report").locator("body")
    expect(report.locator("h1")).to_be_visible(timeout=20000)
    for words in ("Research use only", "phantoms"):
        expect(report).to_contain_text(words)
    frame.scroll_into_view_if_needed()
    shoot(page, "run-report")


def test_a_run_is_stopped_and_goes_on_by_its_buttons(page, trained):
    run = start(trained, "cross-validate", LONG)
    page.go(f"#/run/{run}")
    badge = page.locator("main .badge").first
    cancel, resume = (page.get_by_role("button", name=name) for name in ("Cancel", "Go on"))
    trained.wait_until(lambda: (get(trained, f"runs/{run}").json()["progress"] or {}).get("step", 0) >= 40, 240, "steps")
    expect(badge).to_have_text("running", timeout=10000)
    expect(page.locator("main progress").first).to_be_visible()
    expect(resume).to_have_count(0)
    cancel.click()
    expect(badge).to_have_text("cancelled", timeout=20000)
    expect(cancel).to_have_count(0)
    assert get(trained, f"runs/{run}").json()["state"] == "cancelled"
    shoot(page, "run-cancelled")

    resume.click()
    expect(badge).to_have_text("running", timeout=20000)
    trained.wait_until(lambda: '"resumed"' in get(trained, f"runs/{run}/events").text, 240, "the run goes on from its checkpoint")
    expect(resume).to_have_count(0)
    cancel.click()
    expect(badge).to_have_text("cancelled", timeout=20000)


def test_a_model_is_put_in_force_and_taken_back_by_its_buttons(page, trained):
    """Of so few patients none passes the gate, so its reason is asked for."""
    run = trained.runs[0]
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept("a test of the buttons")))
    page.go("#/models")
    made, shipped = (page.locator("main section", has=page.get_by_role("heading", name=name)) for name in (run, SHIPPED))
    in_force = {section: section.locator("h2 .badge") for section in (made, shipped)}
    expect(in_force[shipped]).to_have_text("in force", timeout=20000)
    expect(in_force[made]).to_have_count(0)
    made.get_by_role("button", name="Put in force").click()
    expect(in_force[made]).to_have_text("in force", timeout=60000)
    expect(in_force[shipped]).to_have_count(0)
    assert len(asked) == 1 and run in asked[0]
    shoot(page, "models-made-in-force")
    wait_for_engine(trained, run)
    case = trained.wait_for_case(trained.make_phantom(seed=7200001)["study"], "done")
    assert case["result"]["model"]["name"] == run
    entries = get(trained, f"audit?subject={run}").json()["entries"]
    assert any("a test of the buttons" in (entry["details"] or "") for entry in entries)

    made.get_by_role("button", name=re.compile("^Back to ")).click()
    expect(in_force[shipped]).to_have_text("in force", timeout=60000)
    expect(in_force[made]).to_have_count(0)
    wait_for_engine(trained, SHIPPED)


def test_a_study_that_failed_is_retried_from_the_queue(page, trained):
    engine = trained.engine()["pid"]
    os.kill(engine, signal.SIGSTOP)   # so that it ends with the study in its hands
    study = trained.send_all(make_series(PatientID="RETRY-1"))
    trained.wait_until(lambda: trained.engine()["open_requests"] > 0, 60, "a study that the engine has")
    os.kill(engine, signal.SIGKILL)
    trained.wait_until(lambda: trained.client.get_case(study)["state"] == "failed", 60, "a study that failed")
    page.go("#/queue")
    row = page.locator("tbody tr", has=page.locator(f"a[href='#/case/{study}']"))
    expect(row.locator(".badge")).to_have_text("failed", timeout=20000)
    expect(row).to_contain_text(trained.client.get_case(study)["reason"])
    shoot(page, "queue-failed")
    row.get_by_role("button", name="Retry").click()
    trained.wait_for_case(study, "done")   # by itself it would have waited for an hour
    expect(row).to_have_count(0, timeout=20000)

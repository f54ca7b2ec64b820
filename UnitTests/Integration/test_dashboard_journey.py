# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One case from its arrival to a data set, as a reader goes on with it, and what becomes of its result: sent on, computed anew."""

import contextlib
import re
from pathlib import Path

import nibabel
import numpy as np
import pytest
from playwright.sync_api import expect

from test_dashboard import brightest, browser, shoot, watched_page, withdraw_planted_label   # noqa: F401 - a fixture
from test_dashboard_stack import draw
from test_delivery import connect, has_all
from test_end_to_end import mask_volume
from test_pacs import TestPacs
from test_runs import get

SITE = "Heidelberg"   # of this journey's label alone


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    """A PACS whose results go to an archive that keeps them, and to a peer that is away until a test starts it."""
    folder = tmp_path_factory.mktemp("journey")
    with contextlib.ExitStack() as stack:
        def make(name, **options):
            made = TestPacs(folder / name, build, h3k27m=options)
            stack.callback(made.stop)
            return made

        archive, peer, pacs = make("archive", Triage="off"), make("peer", Triage="off"), make("pacs")
        connect(pacs, archive, {"Name": "archive", "StorageCommitment": True})
        pacs.configuration["OrthancPeers"] = {"AWAY": [peer.client.url]}
        delivery = pacs.configuration["H3K27M"]["Delivery"]
        delivery.update(MaxAttempts=2, Rules=[*delivery["Rules"], {"Name": "peer", "Peer": "AWAY"}])
        archive.start(wait_for_engine=False)
        pacs.start()
        pacs.archive, pacs.peer = archive, peer
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def save_mask(page, server, study):
    """The mask in the study once the button has done its work."""
    save = page.get_by_role("button", name="Save the mask")
    with page.expect_response(lambda answer: answer.request.method == "PUT" and answer.url.endswith("/mask")) as stored:
        save.click()
    assert stored.value.ok, stored.value.text()
    expect(save).to_be_enabled()
    return get(server, f"cases/{study}/mask").json()


def find_subject(folder, site):
    """The row of the participant of that site, by the names of the columns."""
    head, *lines = [line.split("\t") for line in (folder / "participants.tsv").read_text(encoding="utf-8").splitlines()]
    rows = [dict(zip(head, line)) for line in lines]
    found, = [row for row in rows if row["site"] == site]
    return found


def test_a_phantom_goes_from_its_arrival_to_a_data_set_with_the_mask_and_the_label_that_a_reader_gave_it(page, server):
    # It arrives while the worklist is open, and leads to its case.
    page.go()
    expect(page.locator("h1")).to_have_text("Cases")
    study = server.make_phantom(seed=4)["study"]
    row = page.locator("tbody tr", has=page.locator(f"a[href='#/case/{study}']"))
    expect(row.locator(".badge.done")).to_be_visible(timeout=60000)
    case = server.wait_for_case(study, "done")
    withdraw_planted_label(server, study)
    row.locator(f"a[href='#/case/{study}']").first.click()
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)

    # The reader goes on from the model's mask: more by the brush, less by the eraser.
    panel = page.get_by_role("region", name="Review")
    panel.get_by_label("Name of the reader").fill("Expert^One")
    page.get_by_role("button", name="Correct the model's mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()   # else its colour stays where the reader's goes
    draw(page, 120)
    brushed = save_mask(page, server, study)
    assert (brushed["algorithm_type"], brushed["creator"], brushed["synthetic"]) == ("SEMIAUTOMATIC", "Expert^One", False)
    page.wait_for_timeout(300)
    coloured = brightest(page)[1]
    eraser = page.get_by_role("button", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-pressed", "true")
    draw(page, 60)
    page.wait_for_timeout(300)
    assert brightest(page)[1] < coloured
    shoot(page, "journey-eraser")
    erased = save_mask(page, server, study)
    assert 0 < erased["voxels"] < brushed["voxels"]
    assert erased["segmentation_instance_uid"] != brushed["segmentation_instance_uid"]

    # The result is accepted; what was accepted is offered as the label, and an assay makes it one.
    panel.get_by_label("Accept", exact=True).check()
    panel.get_by_label("Organisation").fill(SITE)
    panel.locator("button[type=submit]").click()
    expect(panel.locator(".badge.accepted")).to_be_visible(timeout=20000)
    review = get(server, f"cases/{study}/review").json()
    assert (review["decision"], review["of"]) == ("accepted", case["result"]["report_instance_uid"])
    form = page.locator("form", has=page.locator("option[value=ihc]"))

    def choice(value):
        return form.locator("select", has=page.locator(f"option[value='{value}']"))
    status = case["result"]["prediction"]["status"]
    expect(choice("altered")).to_have_value(status)
    for value in ("ihc", "true", "development"):
        choice(value).select_option(value)
    form.locator("button[type=submit]").click()
    expect(page.locator("#message")).to_contain_text("label is stored", timeout=20000)

    # A snapshot that is started on its page holds both, voxel for voxel.
    page.go("#/runs")
    start = page.locator("main form", has=page.locator("option[value=snapshot]"))
    start.locator("select", has=page.locator("option[value=snapshot]")).select_option("snapshot")
    start.locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile("#/run/snapshot-"), timeout=20000)
    expect(page.locator("main .badge.done")).to_be_visible(timeout=60000)
    run = page.url.split("#/run/")[1]
    folder = Path(get(server, f"runs/{run}").json()["result"]["folder"])
    subject = find_subject(folder, SITE)
    assert (subject["h3k27m_status"], subject["assay"], subject["split"]) == (status, "ihc", "development")
    mask, = (folder / "derivatives" / "masks" / subject["participant_id"]).glob("anat/*_dseg.nii.gz")
    drawn = mask_volume(server.dataset(erased["segmentation"]), server.images(study))
    assert np.array_equal(np.asarray(nibabel.load(mask).dataobj), drawn.transpose(2, 1, 0))
    assert drawn.sum() == erased["voxels"]
    page.go()
    expect(row.locator(".badge.human")).to_be_visible(timeout=10000)
    expect(row.locator(".badge.reviewed")).to_be_visible()


def test_a_case_says_who_has_its_result_and_what_could_not_be_sent_is_sent_by_one_click(page, server):
    study = server.make_phantom(seed=129, status="altered")["study"]
    result = server.wait_for_case(study, "done")["result"]
    page.go(f"#/case/{study}")
    section = page.locator("aside section")
    kept, failed = (section.locator("div", has=page.get_by_role("button", name=re.compile(f"rule {rule}$")))
                    for rule in ("archive", "peer"))
    # By the archive's own word, which comes back by N-EVENT-REPORT.
    expect(kept.locator(".badge")).to_have_text("confirmed", timeout=60000)
    expect(kept).to_contain_text("TARGET")
    assert has_all(server.archive, result)
    expect(failed.locator(".badge")).to_have_text("dead", timeout=30000)
    expect(failed).to_contain_text("attempts: 2")
    dead, = [one for one in server.client.get_case(study)["deliveries"] if one["rule"] == "peer"]
    assert dead["reason"]
    expect(failed).to_contain_text(dead["reason"])
    failed.scroll_into_view_if_needed()
    shoot(page, "deliveries-dead")

    server.peer.start(wait_for_engine=False)
    failed.get_by_role("button").click()
    expect(failed.locator(".badge")).to_have_text("delivered", timeout=60000)
    assert has_all(server.peer, result)
    assert server.peer.instances(study, "MR") == []
    shoot(page, "deliveries-sent")


def test_a_case_is_computed_anew_and_says_what_it_came_to(page, server):
    phantom = server.make_phantom(seed=130, status="altered")
    study = phantom["study"]
    before = server.wait_for_case(study, "done")
    page.go(f"#/case/{study}")
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    page.get_by_role("button", name="Compute anew").click()
    expect(page.locator("#message")).to_contain_text("Queued", timeout=20000)
    server.wait_until(lambda: server.client.get_case(study)["finished"] not in (None, before["finished"]), 120, "another computation")
    after = server.wait_for_case(study, "done")
    assert after["result"]["prediction"] == before["result"]["prediction"]
    assert server.results(study, phantom)["SR"] == [after["result"]["report"]], "the report of before is not left beside it"
    page.get_by_role("button", name="Show what it came to").click(timeout=20000)
    expect(page.locator("h1 .badge")).to_have_text("done", timeout=20000)
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    expect(page.get_by_role("button", name="Show what it came to")).to_have_count(0)
    expect(page.locator("aside")).to_contain_text("P(altered)")

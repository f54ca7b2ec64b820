# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard as its user sees it: Chromium on a real Orthanc. Screenshots: build/test-logs/screenshots."""

import contextlib
import os
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

from conftest import require_tool
from series_builder import make_series
from test_models import pack, renamed, unpack
from test_pacs import REPOSITORY, TestPacs
from test_review import references

SCREENSHOTS = Path(os.environ.get("LOGS", REPOSITORY / "build" / "test-logs")) / "screenshots"
SIZES = {"small": {"width": 1366, "height": 768}, "large": {"width": 1920, "height": 1080}}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=require_tool("chromium"), args=["--no-sandbox", "--disable-gpu"])
        yield program
        program.close()


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("dashboard"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=4)
        pacs.case = pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@contextlib.contextmanager
def watched_page(browser, server):
    """A page of the dashboard whose scripts may not fail; a fault of the server is no error of the script."""
    context = browser.new_context(viewport=SIZES["small"])
    opened = context.new_page()
    opened.faults = []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    opened.go = lambda address="": opened.goto(f"{server.client.url}/h3k27m/app/{address}")
    yield opened
    context.close()
    assert opened.faults == []


@pytest.fixture
def page(browser, server):
    """A page of the dashboard; a script error or a breach of the content security policy fails the test."""
    with watched_page(browser, server) as opened:
        opened.on("console", lambda message: opened.faults.append(message.text)
                  if message.type == "error" and "Failed to load resource" not in message.text else None)
        yield opened


def wait_in_page(page, look, limit_ms=20000):
    """What look returns as soon as that is something; the page goes on meanwhile, as it would not in a sleep."""
    for _ in range(limit_ms // 50):
        if found := look():
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {limit_ms} ms")


def shoot(page, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def brightest(page):
    """Of the viewer's canvas: [highest grey, number of pixels that are clearly coloured]."""
    return page.evaluate("""() => {
      const canvas = document.querySelector(".viewer canvas");
      const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      let grey = 0, coloured = 0;
      for (let i = 0; i < data.length; i += 4) {
        grey = Math.max(grey, data[i + 1]);
        if (Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 30) coloured++;
      }
      return [grey, coloured];
    }""")


def open_case(page, server):
    page.go(f"#/case/{server.phantom['study']}")
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)


def test_the_worklist_shows_what_arrived_and_what_the_model_says(page, server):
    page.go()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("done", timeout=10000)
    expect(row).to_contain_text("%")
    expect(page.locator("header")).to_contain_text("Research use only")
    for name, size in SIZES.items():
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            shoot(page, f"worklist-{name}-{scheme}")


def test_a_case_opens_on_the_largest_tumour_slice_with_its_mask(page, server):
    open_case(page, server)
    view = requests.get(f"{server.client.url}/h3k27m/cases/{server.phantom['study']}/view", timeout=60).json()
    expect(page.locator(".viewer .note")).to_contain_text(f"slice {view['masks']['model']['largest_slice'] + 1} of {view['slices']}")
    page.wait_for_timeout(300)
    grey, coloured = brightest(page)
    assert grey > 150 and coloured > 50, "an image, and a mask over it"
    expect(page.locator("aside")).to_contain_text("P(altered)")
    expect(page.locator("aside")).to_contain_text("phantom-demonstration")
    expect(page.get_by_role("link", name="Web viewer")).to_have_count(0)   # none is configured here
    for name, size in SIZES.items():
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(200)
            shoot(page, f"case-{name}-{scheme}")


def test_keys_and_wheel_move_through_the_stack(page, server):
    open_case(page, server)
    note = page.locator(".viewer .note")
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    expect(note).to_contain_text("slice 1 of")
    page.keyboard.press("ArrowDown")
    expect(note).to_contain_text("slice 2 of")
    page.locator(".viewer").hover()
    page.mouse.wheel(0, 100)
    expect(note).to_contain_text("slice 3 of")
    page.keyboard.press("End")
    expect(note).to_contain_text("slice 10 of 10")


def test_a_layer_can_be_hidden(page, server):
    open_case(page, server)
    page.wait_for_timeout(300)
    before = brightest(page)[1]
    for box in page.locator("aside input[type=checkbox]").all():
        box.uncheck()
    page.wait_for_timeout(200)
    assert brightest(page)[1] < before / 10


def test_saliency_is_a_layer_that_is_off_until_asked_for_and_says_what_it_is_not(page, server):
    open_case(page, server)
    slices = server.case["result"]["saliency_slices"]
    box = page.get_by_label("Saliency", exact=True)
    expect(box).not_to_be_checked()
    expect(page.locator(".saliency")).to_contain_text("not where the tumour is")
    for mask in page.get_by_label("mask", exact=False).and_(page.locator("input[type=checkbox]")).all():
        mask.uncheck()
    page.locator(".viewer").focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(200)
    before = brightest(page)[1]
    box.check()
    expect(page.locator(".viewer .note")).to_contain_text(f"slice {slices[0] + 1} of", timeout=10000)
    page.wait_for_timeout(300)
    assert brightest(page)[1] > before + 50, "colours over the slice that has a map"
    shoot(page, "saliency")
    box.uncheck()
    page.wait_for_timeout(200)
    assert brightest(page)[1] <= before + 5


def withdraw_planted_label(server, study):
    assert requests.delete(f"{server.client.url}/h3k27m/cases/{study}/label", timeout=60).ok


def test_the_journey_from_arrival_to_a_label_in_a_data_set(page, server):
    study = server.make_phantom(seed=5)["study"]
    server.wait_for_case(study, "done")
    withdraw_planted_label(server, study)
    page.go()
    page.locator(f"a[href='#/case/{study}']").click(timeout=10000)
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    page.get_by_label("Name of the reader").fill("Expert^One")
    page.get_by_role("button", name="Draw a new mask").click()
    page.get_by_label("Model's mask", exact=True).uncheck()
    box = page.locator(".viewer canvas").bounding_box()
    centre = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*centre)
    page.mouse.down()
    page.mouse.move(centre[0] + 40, centre[1] + 10, steps=8)
    page.mouse.up()
    page.wait_for_timeout(200)
    drawn = brightest(page)[1]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(200)
    assert brightest(page)[1] < drawn / 10
    page.mouse.move(*centre)
    page.mouse.down()
    page.mouse.move(centre[0] + 40, centre[1] + 10, steps=8)
    page.mouse.up()
    shoot(page, "drawing")
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    mask = requests.get(f"{server.client.url}/h3k27m/cases/{study}/mask", timeout=60).json()
    assert mask["algorithm_type"] == "MANUAL" and mask["creator"] == "Expert^One"

    # Nothing is claimed that nobody has said: a label needs its genotype and its assay.
    page.get_by_role("button", name="Store the label").click()
    assert page.get_by_label("genotype").evaluate("e => e.validity.valueMissing && e.matches(':focus')")
    page.get_by_label("genotype").select_option("wild-type")
    page.get_by_label("assay").select_option("ihc")
    page.get_by_label("pre-operative").select_option("true")
    page.get_by_label("split").select_option("development")
    page.get_by_label("site").fill("Bonn")
    page.get_by_label("annotator").fill("Expert One")
    page.get_by_role("button", name="Store the label").click()
    expect(page.locator("#message")).to_contain_text("DICOM SR", timeout=20000)
    label = requests.get(f"{server.client.url}/h3k27m/cases/{study}/label", timeout=60).json()
    assert (label["genotype"], label["assay"], label["site"]) == ("wild-type", "ihc", "Bonn")

    run = requests.post(f"{server.client.url}/h3k27m/runs", json={"kind": "snapshot"}, timeout=60).json()["id"]
    page.go(f"#/run/{run}")
    expect(page.locator("main")).to_contain_text("done", timeout=60000)
    folder = next(server.folder.glob("**/h3k27m-runs/datasets/*/participants.tsv"))
    assert "\twild-type\tdevelopment\tn/a\tBonn\tihc\t" in folder.read_text()


def test_a_review_against_the_label_claims_no_assay_for_what_it_says(page, server):
    """The planted label stands: what its assay has shown is not what the reader says."""
    study = server.make_phantom(seed=32)["study"]
    server.wait_for_case(study, "done")
    label = requests.get(f"{server.client.url}/h3k27m/cases/{study}/label", timeout=60).json()
    other = {"altered": "wild-type", "wild-type": "altered"}[label["genotype"]]
    page.go(f"#/case/{study}")
    panel = page.get_by_role("region", name="Review")
    panel.get_by_label("Correct", exact=True).check(timeout=20000)
    panel.get_by_label("Status in its place").select_option(other)
    panel.get_by_label("Name of the reader").fill("Expert^One")
    panel.get_by_label("Organisation").fill("Bonn")
    assert page.get_by_label("assay").input_value() == label["assay"]
    panel.get_by_role("button", name="Store the review").click()
    expect(page.get_by_text(f"The review says {other}, the label so far {label['genotype']}")).to_be_visible(timeout=20000)
    expect(page.get_by_label("assay")).to_have_value("")
    page.get_by_role("button", name="Store the label").click()
    assert page.get_by_label("assay").evaluate("e => e.validity.valueMissing")
    assert requests.get(f"{server.client.url}/h3k27m/cases/{study}/label", timeout=60).json() == label


def test_a_mask_alone_shows_in_the_worklist_as_made_by_a_person(page, server):
    study = server.make_phantom(seed=31)["study"]
    server.wait_for_case(study, "done")
    row = page.locator("tbody tr", has=page.locator(f"a[href='#/case/{study}']"))
    page.go()
    expect(row).to_contain_text("AI", timeout=10000)
    expect(row).not_to_contain_text("human")   # the mask that is planted in a phantom is nobody's
    address = f"{server.client.url}/h3k27m/cases/{study}/mask"
    planted = requests.get(address, timeout=60).json()
    assert planted["synthetic"]
    headers = {"H3K27M-Creator": "Expert^One"}
    drawn = requests.put(address, json={"segmentation": planted["segmentation"]}, headers=headers, timeout=60)
    assert drawn.ok, drawn.text
    expect(row).to_contain_text("human: mask", timeout=20000)   # live, without reload
    shoot(page, "worklist-human-mask")
    page.get_by_label("Mask").select_option("false")
    expect(row).to_have_count(0)
    page.get_by_label("Mask").select_option("true")
    expect(row).to_have_count(1)
    assert requests.delete(address, timeout=60).ok
    expect(row).to_have_count(0, timeout=20000)


def test_the_mask_that_is_planted_in_a_phantom_is_not_called_a_persons(page, server):
    study = server.make_phantom(seed=33)["study"]
    server.wait_for_case(study, "done")
    address = f"{server.client.url}/h3k27m/cases/{study}/mask"
    page.go(f"#/case/{study}")
    planted, human = (page.get_by_label(name, exact=True) for name in ("Planted mask (phantom)", "Human mask"))
    panel = page.get_by_role("region", name="Review")
    expect(planted).to_be_checked(timeout=20000)
    expect(human).to_have_count(0)
    expect(panel).to_contain_text("the one here is planted in a phantom")
    expect(page.get_by_role("button", name="Withdraw the mask")).to_have_count(0)   # it is nobody's to take back

    # Who goes on from it has not drawn it, as with the model's.
    page.get_by_role("button", name="Edit this mask").click()
    expect(human).to_be_checked()
    expect(planted).to_have_count(0)
    box = page.locator(".viewer canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.get_by_role("button", name="Save the mask").click()
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    mask = requests.get(address, timeout=60).json()
    assert (mask["synthetic"], mask["algorithm_type"]) == (False, "SEMIAUTOMATIC")
    expect(panel).to_contain_text("The review refers to the human mask")


def test_two_reviewers_do_not_overwrite_each_other(page, server, browser):
    study = server.make_phantom(seed=6)["study"]
    server.wait_for_case(study, "done")
    page.go(f"#/case/{study}")
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    page.get_by_role("button", name="Correct the model's mask").click()
    box = page.locator(".viewer canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    # The other one withdraws the planted mask of the phantom meanwhile.
    assert requests.delete(f"{server.client.url}/h3k27m/cases/{study}/mask", timeout=60).ok
    page.get_by_role("button", name="Save the mask").click()
    told = page.get_by_role("alert").filter(has_text="Another person has saved")
    expect(told).to_contain_text("Yours is still here", timeout=20000)
    assert requests.get(f"{server.client.url}/h3k27m/cases/{study}/mask", timeout=60).status_code == 404
    page.get_by_role("button", name="Save the mask").click()   # seen now, and meant
    expect(page.locator("#message")).to_contain_text("stored in the study", timeout=20000)
    expect(told).to_have_count(0)


def test_the_journey_from_arrival_to_a_reviewed_case(page, server):
    study = server.make_phantom(seed=7)["study"]
    case = server.wait_for_case(study, "done")
    withdraw_planted_label(server, study)
    page.go()
    row = page.locator("tbody tr", has=page.locator(f"a[href='#/case/{study}']"))
    expect(row).to_contain_text("AI", timeout=10000)
    expect(row).not_to_contain_text("reviewed")
    row.get_by_role("link").click()
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)

    # By keys alone: the decision, then who reads.
    panel = page.get_by_role("region", name="Review")
    expect(panel).to_contain_text("Nobody has reviewed this case")
    panel.get_by_label("Accept", exact=True).focus()
    page.keyboard.press("Space")
    expect(panel).to_contain_text("No human mask, the one here is planted in a phantom")
    panel.get_by_label("Name of the reader").focus()
    page.keyboard.type("李^伟")
    page.keyboard.press("Tab")
    page.keyboard.type("北京天坛医院")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("verified DICOM SR", timeout=20000)
    expect(panel).to_contain_text("accepted")
    expect(panel).to_contain_text("李 伟, 北京天坛医院")
    review = requests.get(f"{server.client.url}/h3k27m/cases/{study}/review", timeout=60).json()
    assert (review["decision"], review["of"]) == ("accepted", case["result"]["report_instance_uid"])
    for name, size in SIZES.items():
        page.set_viewport_size(size)
        panel.scroll_into_view_if_needed()
        shoot(page, f"review-{name}")

    # What was accepted is offered as the label; which assay has shown it only a person can say.
    expect(page.get_by_text("If an assay has shown it")).to_be_visible()
    status = case["result"]["prediction"]["status"]
    expect(page.get_by_label("genotype")).to_have_value(status)
    expect(page.get_by_label("assay")).to_have_value("")
    page.get_by_label("assay").select_option("ihc")
    page.get_by_label("pre-operative").select_option("true")
    page.get_by_label("split").select_option("development")
    page.get_by_role("button", name="Store the label").click()
    expect(page.locator("#message")).to_contain_text("label is stored", timeout=20000)
    label = requests.get(f"{server.client.url}/h3k27m/cases/{study}/label", timeout=60).json()
    assert (label["genotype"], label["annotator"], label["site"]) == (status, "李 伟", "北京天坛医院")

    page.go()
    expect(row).to_contain_text("reviewed: accepted", timeout=10000)
    expect(row).to_contain_text(f"{status} (synthetic)")   # as every label of a phantom
    expect(row).to_contain_text(f"version {case['result']['model']['version']}")
    shoot(page, "worklist-reviewed")
    page.get_by_label("Reviewed").select_option("false")
    expect(row).to_have_count(0)
    page.get_by_label("Reviewed").select_option("true")
    expect(row).to_have_count(1)
    page.go(f"#/case/{study}")
    page.reload()
    expect(page.get_by_label("Name of the reader")).to_have_value("李^伟", timeout=20000)   # remembered in this browser


def test_a_reviewer_who_was_not_the_first_loses_nothing(page, server):
    study = server.make_phantom(seed=8)["study"]
    case = server.wait_for_case(study, "done")
    page.go(f"#/case/{study}")
    panel = page.get_by_role("region", name="Review")
    panel.get_by_label("Reject", exact=True).check(timeout=20000)
    panel.get_by_label("Name of the reader").fill("Expert^Two")
    panel.get_by_label("Organisation").fill("Bonn")
    panel.get_by_role("button", name="Store the review").click()
    expect(panel).to_contain_text("Nobody has reviewed")   # a rejection needs its reason
    panel.get_by_label("Reason").fill("motion")

    first = {"decision": "corrected", "status": "wild-type", "reviewer": "Expert^One", "organisation": "Beijing",
             "result": case["result"]["report_instance_uid"], "replaces": ""}
    assert requests.post(f"{server.client.url}/h3k27m/cases/{study}/review", json=first, timeout=60).ok
    panel.get_by_role("button", name="Store the review").click()
    expect(panel.get_by_role("alert")).to_contain_text("Another review was stored meanwhile", timeout=20000)
    expect(panel.get_by_role("status")).to_contain_text("Expert One, Beijing")
    expect(panel.get_by_label("Reason")).to_have_value("motion")
    expect(panel.get_by_label("Reject", exact=True)).to_be_checked()
    shoot(page, "review-conflict")
    page.reload()
    expect(panel.get_by_label("Reason")).to_have_value("motion", timeout=20000)
    panel.get_by_role("button", name="Store the review").click()
    expect(panel.get_by_role("status")).to_contain_text("rejected", timeout=20000)
    expect(panel.get_by_role("status")).to_contain_text("motion")


def test_a_review_attests_the_mask_that_its_reader_has_seen_and_no_other(page, server):
    """Neither what stood there before the reader's strokes, nor what another reader put in its place meanwhile."""
    study = server.make_phantom(seed=34)["study"]
    server.wait_for_case(study, "done")
    cases = f"{server.client.url}/h3k27m/cases/{study}"

    def draw(creator):
        source = requests.get(f"{cases}/mask", timeout=60).json()["segmentation"]
        stored = requests.put(f"{cases}/mask", json={"segmentation": source, "creator": creator}, timeout=60)
        assert stored.ok, stored.text
        return stored.json()["segmentation_instance_uid"]

    draw("Expert^One")
    page.go(f"#/case/{study}")
    panel = page.get_by_role("region", name="Review")
    store = panel.get_by_role("button", name="Store the review")
    expect(panel).to_contain_text("The review refers to the human mask of Expert One", timeout=20000)
    panel.get_by_label("Correct", exact=True).check()
    panel.get_by_label("Name of the reader").fill("Expert^Three")
    panel.get_by_label("Organisation").fill("Bonn")

    page.get_by_role("button", name="Edit this mask").click()
    box = page.locator(".viewer canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    store.click()
    expect(page.locator("#message")).to_contain_text("The mask that is shown here is not saved")
    assert requests.get(f"{cases}/review", timeout=60).status_code == 404
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("button", name="Draw a new mask")).to_be_visible()

    other = draw("Expert^Two")
    store.click()
    expect(panel.get_by_role("alert")).to_contain_text(f"it is now {other}", timeout=20000)
    expect(panel.get_by_role("alert")).to_contain_text("Load the page again")
    shoot(page, "review-other-mask")
    assert requests.get(f"{cases}/review", timeout=60).status_code == 404
    page.reload()
    expect(panel).to_contain_text("The review refers to the human mask of Expert Two", timeout=20000)
    expect(panel.get_by_label("Correct", exact=True)).to_be_checked()
    store.click()
    expect(panel.get_by_role("status")).to_contain_text("corrected", timeout=20000)
    review = requests.get(f"{cases}/review", timeout=60).json()
    assert other in references(server.dataset(review["instance"]).CurrentRequestedProcedureEvidenceSequence)


def test_names_are_text_whatever_they_hold(page, server):
    study = server.send_all(make_series(PatientName="<img src=x onerror=alert(1)>^Ann", PatientID="MARKUP-1"))
    server.wait_for_case(study, "done")
    page.go()
    expect(page.locator("tbody")).to_contain_text("<img src=x onerror=alert(1)> Ann", timeout=10000)
    assert page.locator("tbody img").count() == 0


def test_other_pages_open_and_say_what_is_so(page, server):
    for address, words in (("#/queue", "Nothing waits"), ("#/runs", "Start"), ("#/models", "phantom-demonstration"),
                           ("#/status", "ready"), ("#/nowhere", "no such page"),
                           ("#/case/00000000-00000000-00000000-00000000-00000000", "cannot be shown")):
        page.go(address)
        page.reload()
        expect(page.locator("main")).to_contain_text(words, timeout=15000)
        shoot(page, address.strip("#/").split("/")[0] or "start")


def test_a_model_is_downloaded_and_uploaded_under_another_name(page, server, tmp_path):
    page.go("#/models")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click(timeout=10000)
    assert download.value.suggested_filename == "phantom-demonstration.zip"
    path = tmp_path / "model.zip"
    download.value.save_as(path)
    files = unpack(path.read_bytes())
    path.write_bytes(pack(renamed(files, "faulty", threshold=7) | {"notes.txt": b"x"}))
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    faults = page.get_by_role("alert")
    expect(faults.locator("li")).to_have_count(2, timeout=20000)
    expect(faults).to_contain_text("'threshold' must be a number from 0 to 1")
    expect(faults).to_contain_text("'notes.txt' is none of the model's files")
    shoot(page, "models-faults")
    path.write_bytes(pack(renamed(files, "brought")))
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#message")).to_contain_text("The model brought is in the registry", timeout=60000)
    expect(page.locator("section", has_text="brought")).to_contain_text("uploaded")
    expect(faults).to_be_empty()
    # It reads along with the model in force.
    tried = page.locator("section", has_text="brought")
    tried.get_by_role("button", name="Try it in shadow").click()
    expect(tried).to_contain_text("In the shadow of phantom-demonstration", timeout=20000)
    server.wait_for_case(server.make_phantom(seed=55)["study"], "done")
    server.wait_until(lambda: server.client.get("/h3k27m/models/brought/shadow")["figures"]["studies"] == 1, 120, "the candidate")
    page.reload()
    expect(tried).to_contain_text("Studies read by both", timeout=20000)
    for name, size in SIZES.items():
        page.set_viewport_size(size)
        shoot(page, f"models-{name}")
    tried.get_by_role("button", name="End its shadow").click()
    expect(tried.get_by_role("button", name="Try it in shadow")).to_be_visible(timeout=20000)


def test_the_dashboard_comes_from_this_server_alone(server):
    answer = requests.get(f"{server.client.url}/h3k27m/app/", timeout=60)
    assert answer.ok and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script type=\"module\" src=\"app.js\">" in answer.text and "http" not in answer.text.replace("charset", "")
    assert requests.get(f"{server.client.url}/h3k27m/app/nothing.js", timeout=60).status_code == 404


def test_the_address_without_the_slash_leads_to_the_same_page(browser, server):
    for part, title in (("", "Cases"), ("#/queue", "Queue")):
        with watched_page(browser, server) as page:
            page.goto(f"{server.client.url}/h3k27m/app{part}", wait_until="commit")
            expect(page.locator("h1")).to_have_text(title, timeout=10000)
            assert page.url == f"{server.client.url}/h3k27m/app/{part}"


def test_the_worklist_finds_a_patient_by_name_or_id(page, server):
    patient = server.client.get(f"/studies/{server.phantom['study']}")["PatientMainDicomTags"]
    page.go()
    search = page.get_by_label("Patient")
    rows = page.locator("tbody tr")
    search.fill("nobody of this name")
    expect(rows).to_have_text(["No case of such a patient."], timeout=10000)
    for text in (patient["PatientID"], patient["PatientName"][:6].lower()):
        search.fill(text)
        expect(rows.first).to_contain_text("done", timeout=10000)
        expect(page.locator(f"a[href='#/case/{server.phantom['study']}']")).to_be_visible()
    page.get_by_label("State").select_option("dead")
    expect(rows).to_have_text(["No case of such a patient."])


def test_orthanc_explorer_leads_to_the_worklist_and_to_the_case(page, server):
    page.goto(f"{server.client.url}/app/explorer.html#lookup")
    page.locator("#h3k27m-worklist").click()
    expect(page.locator("tbody tr").first).to_contain_text("done", timeout=10000)
    page.goto(f"{server.client.url}/app/explorer.html#study?uuid={server.phantom['study']}")
    page.locator("#h3k27m-case").click()
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    assert server.client.get("/plugins/h3k27m")["RootUri"] == "../h3k27m/app/"

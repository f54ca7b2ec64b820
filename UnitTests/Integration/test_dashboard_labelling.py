# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of a PACS without a model: nothing is computed, and every study of the archive is found, opened and labelled."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from playwright.sync_api import expect

from series_builder import make_series
from test_dashboard import browser, watched_page   # noqa: F401 - a fixture
from test_pacs import TestPacs

NAMES = ("Ann", "Ben", "Cem")
LABEL = {"genotype": "altered", "assay": "ihc", "site": "Bonn", "pre_operative": True, "split": "development", "annotator": "Expert One"}


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("labelling"), build, h3k27m={"Triage": "off"}) as pacs:
        pacs.studies = {name: pacs.send_all(make_series(slices=2, PatientName=f"Unseen^{name}", PatientID=f"UNSEEN-{name}"))
                        for name in NAMES}
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def row_of(page, study):
    return page.locator("tbody tr", has=page.locator(f"a[href='#/case/{study}']"))


def test_studies_that_nobody_looked_at_are_listed_and_lead_to_their_pages(page, server):
    page.go()
    for study in server.studies.values():
        expect(row_of(page, study)).to_contain_text("not looked at", timeout=10000)
    expect(page.locator("main")).to_contain_text("3 studies that were not looked at")
    expect(page.locator("main")).to_contain_text("Triage is off")
    page.get_by_role("link", name="Unseen Ben").click()
    expect(page.locator("h1")).to_contain_text("Unseen Ben, ID UNSEEN-Ben", timeout=20000)
    expect(page.locator("aside")).to_contain_text("This study was not looked at.")
    expect(page.get_by_role("button", name="Store the label")).to_be_enabled()


def test_a_search_finds_a_study_that_nobody_looked_at(page, server):
    page.go()
    for text in ("unseen cem", "SEEN-Cem"):
        page.get_by_label("Patient").fill(text)
        expect(row_of(page, server.studies["Cem"])).to_contain_text("not looked at", timeout=10000)
        expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("State").select_option("done")
    expect(page.locator("tbody")).to_have_text("No case of such a patient.")


def test_what_people_said_of_a_study_stands_in_its_row(page, server):
    study = server.studies["Ann"]
    assert requests.put(f"{server.client.url}/h3k27m/cases/{study}/label", json=LABEL, timeout=60).ok
    page.go()
    expect(row_of(page, study)).to_contain_text("human: label", timeout=10000)
    expect(row_of(page, study)).to_contain_text("altered")
    page.get_by_label("Mask").select_option("true")
    expect(page.locator("tbody")).to_have_text("No case fits the filters.")
    page.get_by_label("Mask").select_option("false")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_the_pages_of_an_archive_follow_one_another(page):
    """One answer goes through a part of the archive: a page may be empty, and others follow."""
    places = [f"{i:08x}-00000000-00000000-00000000-00000000" for i in range(300)]
    seen = set(places[60:260])

    def answer(route):
        query = dict(parse_qsl(urlsplit(route.request.url).query))
        since = int(query["since"])
        part = places[since:since + 100]
        studies = [study for study in part if study not in seen]
        until = since + 100
        if len(studies) > 50:
            until = since + part.index(studies[50])
            studies = studies[:50]
        route.fulfill(json={"since": since, "limit": 50, "next": until if until < len(places) else None,
                            "studies": [{"study": study, "label": None, "review": None, "human_mask": None} for study in studies]})
    page.route(re.compile(r"/cases/not-looked-at\?"), answer)
    page.route("**/studies/*", lambda route: route.fulfill(status=404, json={}))
    page.go()
    on, back = (page.get_by_role("button", name=f"{which} page") for which in ("Next", "Previous"))
    rows, main = page.locator("tbody tr"), page.locator("main")
    expect(rows).to_have_count(50, timeout=10000)
    expect(back).to_be_disabled()
    on.click()
    expect(rows).to_have_count(10)
    on.click()
    expect(main).to_contain_text("All studies of this part of the archive were looked at.")
    on.click()
    expect(rows).to_have_count(40)
    expect(on).to_be_disabled()
    back.click()
    expect(main).to_contain_text("All studies of this part of the archive were looked at.")
    back.click()
    expect(rows).to_have_count(10)
    back.click()
    expect(rows).to_have_count(50)
    expect(back).to_be_disabled()


def test_what_was_asked_for_is_a_case_and_the_others_stand_under_their_state(page, server):
    study = server.studies["Ann"]
    server.client.post(f"/h3k27m/cases/{study}/triage", {})
    state = server.wait_for_case(study)["state"]
    page.go()
    expect(row_of(page, study)).to_contain_text(state, timeout=10000)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("State").select_option("not looked at")
    expect(row_of(page, study)).to_have_count(0)
    for name in NAMES[1:]:
        expect(row_of(page, server.studies[name])).to_contain_text("not looked at")


def test_the_review_of_a_study_that_nobody_looked_at_is_linked(page, server):
    study = server.studies["Cem"]
    review = requests.post(f"{server.client.url}/h3k27m/cases/{study}/review", timeout=60, json={
        "decision": "uncertain", "reason": "motion", "reviewer": "Expert^One", "organisation": "Bonn", "result": "", "replaces": ""})
    assert review.ok, review.text
    page.go(f"#/case/{study}")
    expect(page.get_by_role("link", name="Review SR")).to_have_attribute(
        "href", re.compile(f"/instances/{review.json()['instance']}/file$"), timeout=20000)

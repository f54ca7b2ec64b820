# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the dashboard when answers come late, in another order, or not at all; and what they must not withhold."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from playwright.sync_api import expect

from series_builder import make_series
from test_dashboard import SIZES, browser, open_case, wait_in_page, watched_page   # noqa: F401 - a fixture
from test_pacs import TestPacs


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("pages"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=4)
        pacs.case = pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


def answer_case(page, server, **changes):
    """What the server says of the case from now on."""
    case = {**server.case, **changes}
    page.route(f"**/cases/{server.phantom['study']}", lambda route: route.fulfill(json=case))


def test_a_page_that_comes_late_does_not_take_the_place_of_a_newer_one(page):
    held = []
    page.route("**/runs?limit=100", lambda route: held.append(route))
    page.go("#/runs")
    wait_in_page(page, lambda: held)
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("h1")).to_have_text("Queue")
    page.unroute("**/runs?limit=100")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "runs?limit" in request.url else None)
    held[0].fallback()
    page.wait_for_timeout(5000)
    expect(page.locator("h1")).to_have_text("Queue")
    assert asked == [], "the page that was left asks no more"
    expect(page).to_have_title(re.compile("^Queue - "))


def test_an_older_answer_does_not_overwrite_a_newer_filter(page, server):
    page.go()
    expect(page.locator("tbody tr").first).to_contain_text("done", timeout=10000)
    held = []
    page.route(re.compile(r"/cases\?.*state=done"), lambda route: held.append(route))
    page.get_by_label("State").select_option("done")
    wait_in_page(page, lambda: held)
    page.get_by_label("State").select_option("dead")
    expect(page.locator("tbody")).to_contain_text("No case fits the filters")
    held[0].fallback()
    page.wait_for_timeout(1000)
    expect(page.locator("tbody")).to_contain_text("No case fits the filters")


def test_a_result_of_an_earlier_computation_says_so(page, server):
    answer_case(page, server, state="failed", reason="the engine ended")
    open_case(page, server)
    expect(page.locator("aside")).to_contain_text("This result is of an earlier computation. The last one: failed.")
    expect(page.locator("aside")).to_contain_text("the engine ended")


def test_a_case_that_is_computed_says_when_it_has_ended(page, server):
    answer_case(page, server, state="running")
    open_case(page, server)
    expect(page.locator("h1 .badge")).to_have_text("running")
    expect(page.locator("aside")).to_contain_text("the earlier result", timeout=10000)
    page.unroute(f"**/cases/{server.phantom['study']}")
    page.get_by_role("button", name="Show what it came to").click(timeout=10000)
    expect(page.locator("h1 .badge")).to_have_text("done")
    expect(page.locator("aside")).not_to_contain_text("earlier")


def test_what_has_to_be_kept_in_mind_stands_beside_the_result(page, server):
    result = server.case["result"]
    answer_case(page, server, volume_mm3=0, result={
        **result, "missing_slices": 3, "warnings": ["the series covers only 40 mm"],
        "prediction": {**result["prediction"], "agrees_with_mask": False}, "model": {**result["model"], "variant": "classification"}})
    open_case(page, server)
    aside = page.locator("aside")
    for words in ("DISAGREE", "Slices missing from the series: 3", "the series covers only 40 mm", result["model"]["trained_on"],
                  "the model's own estimate; it is not calibrated", "this model draws no outline"):
        expect(aside).to_contain_text(words)
    expect(aside).not_to_contain_text("no tumour found")


def test_two_patients_of_one_name_are_told_apart(page, server):
    for patient, born in (("TWIN-1", "19700102"), ("TWIN-2", "19810203")):
        study = server.send_all(make_series(PatientName="Same^Name", PatientID=patient, PatientBirthDate=born))
        server.wait_for_case(study)
    page.go()
    for patient, born in (("TWIN-1", "1970-01-02"), ("TWIN-2", "1981-02-03")):
        page.get_by_role("link", name=f"Same Name, born {born}, ID {patient}").click(timeout=10000)
        expect(page.locator("h1")).to_contain_text(f"Same Name, born {born}, ID {patient}")
        # The browser's history and its tabs name nobody.
        expect(page).to_have_title(re.compile("^Case - H3 K27M"))
        page.go()


def test_a_reader_of_an_earlier_user_is_nobody_elses_name(browser, server):   # noqa: F811
    context = browser.new_context(viewport=SIZES["small"])
    page = context.new_page()
    who = {"user": "anna"}
    page.route("**/access", lambda route: route.fulfill(json={"user": who["user"], "role": "annotator", "denied": {}}))
    page.route("**/review", lambda route: route.fulfill(status=409, json={"Details": "no"}) if route.request.method == "POST" else route.fallback())
    page.goto(f"{server.client.url}/h3k27m/app/#/case/{server.phantom['study']}")
    panel = page.get_by_role("region", name="Review")
    expect(panel).to_contain_text("Signed in as anna", timeout=20000)
    panel.get_by_label("Mark uncertain").check()
    panel.get_by_label("Reason").fill("motion")
    panel.get_by_label("Name of the reader").fill("Expert^Anna")
    panel.get_by_label("Organisation").fill("Bonn")
    panel.get_by_role("button", name="Store the review").click()
    for user, name in (("tom", ""), ("anna", "Expert^Anna")):
        who["user"] = user
        page.reload()
        expect(panel).to_contain_text(f"Signed in as {user}", timeout=20000)
        expect(panel.get_by_label("Name of the reader")).to_have_value(name)
    context.close()


def test_a_page_that_failed_can_be_tried_again_and_learns_who_one_is(page, server):
    page.route("**/access", lambda route: route.abort())
    page.route("**/queue?*", lambda route: route.abort())
    page.go("#/queue")
    expect(page.locator("h1")).to_have_text("This cannot be shown")
    expect(page.locator("#user")).to_be_empty()
    page.unroute("**/queue?*")
    page.unroute("**/access")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("h1")).to_have_text("Queue")
    expect(page.locator("#user")).to_have_text("administrator")


def test_the_status_says_how_old_it_is(page):
    page.go("#/status")
    expect(page.locator("main")).to_contain_text("As of ")
    page.route("**/status", lambda route: route.abort())
    expect(page.locator("main")).to_contain_text("The server does not answer. What stands here is as of", timeout=10000)
    page.unroute("**/status")
    expect(page.locator("main")).not_to_contain_text("does not answer", timeout=10000)


def test_the_queue_keeps_the_focus_and_turns_its_pages(page, server):
    study = server.phantom["study"]
    tasks = [{"id": i, "study": study, "state": "dead", "priority": "routine", "attempts": 3, "reason": f"fault {i}", "created": "2026-01-01T00:00:00Z"}
             for i in range(250)]

    def answer(route):
        query = dict(part.split("=") for part in route.request.url.split("?")[1].split("&"))
        first, count = int(query["offset"]), int(query["limit"])
        route.fulfill(json={"tasks": tasks[first:first + count] if query.get("state") != "failed" else [],
                            "total": len(tasks), "offset": first, "limit": count})
    page.route("**/queue?*", answer)
    page.go("#/queue")
    expect(page.locator("main")).to_contain_text("250 tasks, 1 to 100")
    page.get_by_role("button", name="Retry").first.focus()
    page.wait_for_timeout(4000)
    expect(page.get_by_role("button", name="Retry").first).to_be_focused()
    for words in ("101 to 200", "201 to 250"):
        page.get_by_role("button", name="Next page").click()
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("tbody")).to_contain_text("fault 249")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.get_by_label("State").select_option("failed")
    expect(page.locator("tbody")).to_contain_text("Nothing is in this state.")


def answer_worklist(page, server, *changes):
    """The worklist is the case of the phantom, once for each of the changes, as studies of their own."""
    case = server.client.get("/h3k27m/cases?limit=1000")["cases"]
    case = next(row for row in case if row["study"] == server.phantom["study"])
    rows = [{**case, "id": i, "study": f"{i:08x}-00000000-00000000-00000000-00000000", **change} for i, change in enumerate(changes)]
    page.route(re.compile(r"/h3k27m/cases\?"), lambda route: route.fulfill(
        json={"total": len(rows), "offset": 0, "limit": 50, "cases": rows}))
    page.route("**/studies/*", lambda route: route.fulfill(status=404, json={}))
    return rows


def test_a_review_of_an_earlier_result_is_none_of_the_present_one(page, server):
    review = {"decision": "accepted", "of": "2.25.1", "reviewer": "A", "organisation": "B"}
    answer_worklist(page, server, {"review": review, "report_instance_uid": "2.25.1"},
                    {"review": review, "report_instance_uid": "2.25.2"}, {"review": review, "report_instance_uid": None})
    page.go()
    badges = page.locator("tbody tr .badge.origin").filter(has_text="reviewed")
    expect(badges).to_have_text(["reviewed: accepted", *2 * ["reviewed: accepted (an earlier result)"]], timeout=10000)


def test_a_case_that_found_nothing_is_told_from_one_that_was_not_computed(page, server):
    model = {"name": "m", "version": "1"}
    answer_worklist(page, server, {"volume_mm3": 0}, {"volume_mm3": None}, {"volume_mm3": 1500, "model": {**model, "variant": "fusion"}},
                    {"volume_mm3": 0, "model": {**model, "variant": "classification"}})
    page.go()
    expect(page.locator("tbody tr td:nth-child(5)")).to_have_text(["none found", "", "1.5", ""], timeout=10000)


def test_what_was_computed_before_is_marked_so_in_the_worklist(page, server):
    answer_worklist(page, server, {}, {"state": "failed"}, {"state": "queued", "volume_mm3": 0},
                    {"state": "queued", "volume_mm3": None, "probability_altered": None, "status": None, "member_range": None})
    page.go()
    for column, counts in ((4, [0, 1, 1, 0]), (5, [0, 1, 1, 0])):
        for row, count in enumerate(counts):
            cell = page.locator("tbody tr").nth(row).locator(f"td:nth-child({column})")
            expect(cell.get_by_text("earlier result")).to_have_count(count, timeout=10000)


def test_what_a_search_found_stands_in_the_order_that_the_arrows_show(page, server):
    figures = {"a": 0.2, "b": None, "c": 0.9, "d": 0.5}
    studies = {f"{i:08x}-00000000-00000000-00000000-00000000": {**server.case, "id": i, "probability_altered": figures[name]}
               for i, name in enumerate(figures)}
    page.route("**/tools/find", lambda route: route.fulfill(json=list(studies)))

    def answer(route):
        study = route.request.url.split("/")[-1]
        route.fulfill(json={**studies[study], "study": study})
    page.route(re.compile(r"/h3k27m/cases/0000000\d-[0-9-]+$"), answer)
    page.route("**/studies/*", lambda route: route.fulfill(status=404, json={}))
    page.go()
    page.get_by_label("Patient").fill("a")
    cells = page.locator("tbody tr td:nth-child(4)")
    expect(cells).to_have_count(4, timeout=10000)
    head = page.get_by_role("columnheader", name="P(altered)")
    for direction, texts in (("descending", ["90.0 %", "50.0 %", "20.0 %"]), ("ascending", ["20.0 %", "50.0 %", "90.0 %"])):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", direction)
        expect(cells).to_contain_text([*texts, ""])   # what has no figure comes last


def test_tables_that_are_looked_at_again_leave_the_focus_where_it_is(page, server):
    rows = answer_worklist(page, server, {}, {}, {})
    page.go()
    link = page.locator(f"a[href='#/case/{rows[1]['study']}']")
    link.focus()
    rows.insert(0, {**rows[0], "study": "ffffffff-00000000-00000000-00000000-00000000"})
    expect(page.locator("tbody tr")).to_have_count(4, timeout=10000)
    expect(link).to_be_focused()
    rows.remove(next(row for row in rows if row["id"] == 1))   # its case is gone
    expect(page.locator("tbody tr")).to_have_count(3, timeout=10000)
    expect(page.locator("tbody")).to_be_focused()   # and no other case's link

    tasks = [{"id": i, "study": row["study"], "state": "dead", "priority": "routine", "attempts": 3, "reason": "fault", "created": None}
             for i, row in enumerate(rows)]
    page.route("**/queue?*", lambda route: route.fulfill(json={"tasks": tasks, "total": len(tasks), "offset": 0, "limit": 100}))
    page.go("#/queue")
    retry = page.get_by_role("button", name="Retry")
    retry.nth(1).focus()
    tasks[0]["reason"] = "another"
    expect(page.locator("tbody")).to_contain_text("another", timeout=10000)
    expect(retry.nth(1)).to_be_focused()
    tasks[1]["state"] = "queued"   # somebody else retried it
    expect(retry).to_have_count(2, timeout=10000)
    expect(page.locator("tbody tr").nth(1).get_by_role("link")).to_be_focused()

    runs = [{"id": f"run-{i}", "kind": "cross-validate", "state": "done", "reason": None, "progress": None, "result": None,
             "started_at": None, "finished_at": None} for i in range(3)]
    page.route("**/runs?limit=100", lambda route: route.fulfill(json={"runs": runs}))
    page.go("#/runs")
    box = page.get_by_label("compare run-1")
    box.check()
    runs.insert(0, {**runs[0], "id": "run-9", "state": "running"})
    expect(page.locator("tbody tr")).to_have_count(4, timeout=10000)
    expect(box).to_be_focused()
    expect(box).to_be_checked()


def test_a_search_that_is_cut_says_so(page, server):
    study = server.phantom["study"]
    page.route("**/tools/find", lambda route: route.fulfill(json=[study] * 51))
    page.go()
    page.get_by_label("Patient").fill("a")
    expect(page.locator("main")).to_contain_text("there are more, narrow the search", timeout=10000)
    page.route("**/tools/find", lambda route: route.fulfill(json=[study] * 50))
    page.get_by_label("Patient").fill("ab")
    expect(page.locator("main")).to_contain_text("1 cases, 1 to 1", timeout=10000)


def read_chart(page, lines):
    """What the chart of a run's losses shows, as soon as it has so many lines: [{label, colour, steps}]."""
    page.wait_for_function("""lines => globalThis.Chart?.getChart(document.querySelector("div.curve canvas"))?.data.datasets.length === lines""",
                           arg=lines, timeout=10000)
    return page.evaluate("""() => Chart.getChart(document.querySelector("div.curve canvas")).data.datasets.map(
        line => ({label: line.label, colour: line.borderColor, steps: line.data.map(point => point.x)}))""")


def read_pixels(page):
    """RGBA of each pixel of that chart."""
    values = page.evaluate("""() => { const canvas = document.querySelector("div.curve canvas");
        return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]; }""")
    return list(zip(*[iter(values)] * 4))


def test_a_run_is_followed_from_where_the_last_answer_ended(page):
    def step(i, unit):
        return f'{{"event": "step", "unit": "{unit}", "step": {10 * i + 10}, "total": {3 - i / 10}}}\n'
    events = "".join(step(i, unit) for unit in ("fold 1", "fold 2") for i in range(5))
    events += '{"event": "st\n'   # a full disk left half of it
    run = {"id": "r1", "kind": "cross-validate", "state": "running", "reason": None, "progress": {"fraction": 0.5}}
    offsets = []

    def answer(route):
        offset = int(route.request.url.split("offset=")[1])
        offsets.append(offset)
        part = events[offset:offset + 200]
        part = part[:part.rfind("\n") + 1]
        route.fulfill(body=part, headers={"X-Next-Offset": str(offset + len(part))})
    page.route("**/runs/r1", lambda route: route.fulfill(json=run))
    page.route("**/runs/r1/events?*", answer)
    page.route("**/runs/r1/artifacts", lambda route: route.fulfill(json={"artifacts": []}))
    page.go("#/run/r1")
    rows = page.get_by_role("region", name="Loss").locator("tbody tr")
    expect(rows).to_have_count(2, timeout=10000)
    page.get_by_text("As a table").click()
    expect(rows.nth(0)).to_have_text("fold 1503.0002.6002.600")
    lines = read_chart(page, 2)
    assert [line["label"] for line in lines] == ["fold 1", "fold 2"]
    assert lines[0]["colour"] != lines[1]["colour"]
    assert len([row for row in read_pixels(page) if row[3] > 0]) > 1000, "the canvas is drawn on"
    events += step(9, "fold 3")
    run["state"] = "failed"
    expect(rows).to_have_count(3, timeout=10000)
    assert offsets.count(0) == 1 and sorted(offsets) == offsets
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_what_a_run_repeats_after_it_was_begun_anew_stands_once_in_its_curve(page):
    """Two stages; the first one was begun anew before its first checkpoint, the second one was resumed in its midst."""
    told = [(64, 10), (64, 20), (64, 10), (64, 20), (64, 30), (128, 10), (128, 20), (128, 30), (128, 20), (128, 30), (128, 40)]
    events = "".join(f'{{"event": "step", "input_size": {size}, "step": {step}, "of": {30 if size == 64 else 40}, "total": 1}}\n'
                     for size, step in told)

    def answer(route):
        rest = events[int(route.request.url.split("offset=")[1]):]
        route.fulfill(body=rest, headers={"X-Next-Offset": str(len(events))})
    page.route("**/runs/r2", lambda route: route.fulfill(json={"id": "r2", "kind": "fine-tune", "state": "running", "reason": None,
                                                               "progress": {"fraction": 0.5}}))
    page.route("**/runs/r2/events?*", answer)
    page.route("**/runs/r2/artifacts", lambda route: route.fulfill(json={"artifacts": []}))
    page.go("#/run/r2")
    [line] = read_chart(page, 1)
    assert line["label"] == "the run"
    assert line["steps"] == [10, 20, 30, 40, 50, 60, 70], "10 to 30 of the first stage, then 10 to 40 of the second"
    page.get_by_label("logarithmic").check()
    assert page.evaluate("Chart.getChart(document.querySelector('div.curve canvas')).options.scales.y.type") == "logarithmic"


def test_the_label_of_a_study_that_was_not_looked_at_is_shown_and_held_against_what_is_there(page, server):
    """No task, no case: the page is a labelling tool, and replaces no label unseen."""
    stored = server.client.get(f"/h3k27m/cases/{server.phantom['study']}/label")
    page.route(re.compile(r"/cases/[^/]+$"), lambda route: route.fulfill(status=404, json={"Details": "not looked at"}))
    sent = []

    def answer(route):
        if route.request.method == "GET":
            return route.fallback()
        sent.append(route.request.post_data_json["replaces"])
        return route.fulfill(json={**stored, "changed": True})
    page.route("**/label", answer)
    open_case(page, server)
    expect(page.get_by_label("genotype")).to_have_value(stored["genotype"])
    page.get_by_role("button", name="Store the label").click()
    expect(page.locator("#message")).to_contain_text("The label is stored")
    assert sent == [stored["stored"]["sop_instance_uid"]]


def test_a_verdict_that_was_not_stored_is_not_carried_to_another_result(page, server):
    panel = page.get_by_role("region", name="Review")
    open_case(page, server)
    panel.get_by_label("Accept").check()
    panel.get_by_label("Reason").fill("typed so far")
    page.reload()
    expect(panel.get_by_label("Accept")).to_be_checked(timeout=20000)
    answer_case(page, server, report_instance_uid="1.2.3", result={**server.case["result"], "report_instance_uid": "1.2.3"})
    page.reload()
    expect(panel.get_by_label("Reason")).to_have_value("typed so far", timeout=20000)
    expect(panel.get_by_label("Accept")).not_to_be_checked()
    panel.get_by_label("Reason").fill("")


def test_a_typed_label_is_not_left_without_a_question(page, server):
    stored = server.client.get(f"/h3k27m/cases/{server.phantom['study']}/label")
    page.route("**/label", lambda route: route.fulfill(json={**stored, "changed": True}) if route.request.method == "PUT" else route.fallback())
    open_case(page, server)
    address = page.url
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_label("annotator").fill("Expert Nine")
    page.get_by_role("link", name="Queue").click()
    page.wait_for_timeout(300)
    assert len(asked) == 1 and "label of this case is not saved" in asked[0]
    assert page.url == address
    expect(page.get_by_label("annotator")).to_have_value("Expert Nine")
    page.get_by_role("button", name="Store the label").click()
    expect(page.locator("#message")).to_contain_text("The label is stored")
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("h1")).to_have_text("Queue")
    assert len(asked) == 1


def test_a_label_over_one_that_was_not_seen_is_told_and_meant_the_second_time(page, server):
    now = {**server.client.get(f"/h3k27m/cases/{server.phantom['study']}/label"), "genotype": "altered", "assay": "ihc", "annotator": "Expert One"}
    now["stored"] = {**now["stored"], "sop_instance_uid": "1.2.3"}
    sent = []

    def answer(route):
        sent.append(route.request.post_data_json["replaces"])
        if sent[-1] == "1.2.3":
            route.fulfill(json={**now, "changed": True})
        else:
            route.fulfill(status=409, json={"HttpStatus": 409, "Details": "Another label is there", "label": now})
    page.route("**/label", answer)
    answer_case(page, server, label={**server.case["label"], "sop_instance_uid": "1.2.2"})
    open_case(page, server)
    store = page.get_by_role("button", name="Store the label")
    store.click()
    expect(page.get_by_text("Another label was stored meanwhile: altered by ihc, says Expert One")).to_be_visible()
    store.click()
    expect(page.locator("#message")).to_contain_text("The label is stored")
    assert sent == ["1.2.2", "1.2.3"]


def test_a_label_in_the_wrong_case_is_withdrawn_by_who_has_seen_it(page, server):
    study = server.send_all(make_series(PatientID="LABEL-1"))
    server.wait_for_case(study)
    address = f"{server.client.url}/h3k27m/cases/{study}/label"
    label = {"genotype": "altered", "assay": "ihc", "site": "Bonn", "pre_operative": True, "split": "development", "annotator": "Expert One"}
    assert requests.put(address, json=label, timeout=60).ok
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.go(f"#/case/{study}")
    withdraw = page.get_by_role("button", name="Withdraw the label")
    expect(page.get_by_label("genotype")).to_have_value("altered", timeout=20000)
    assert requests.put(address, json={**label, "annotator": "Expert Two"}, timeout=60).ok
    withdraw.click()
    expect(page.get_by_text("Another label was stored meanwhile: altered by ihc, says Expert Two")).to_be_visible(timeout=20000)
    assert requests.get(address, timeout=60).json()["annotator"] == "Expert Two"

    withdraw.click()   # seen now, and meant
    expect(page.locator("#message")).to_contain_text("The label is withdrawn from the study", timeout=20000)
    assert requests.get(address, timeout=60).status_code == 404
    assert len(asked) == 2 and "Withdraw the label" in asked[0]
    expect(withdraw).to_be_hidden()
    for name in ("genotype", "assay", "pre-operative", "split", "site", "annotator"):
        expect(page.get_by_label(name)).to_have_value("")

    # A new one takes nothing's place, and can be taken back in turn.
    for name, value in (("genotype", "wild-type"), ("assay", "ihc"), ("pre-operative", "true"), ("split", "development")):
        page.get_by_label(name).select_option(value)
    page.get_by_label("site").fill("Bonn")
    page.get_by_label("annotator").fill("Expert One")
    page.get_by_role("button", name="Store the label").click()
    expect(page.locator("#message")).to_contain_text("The label is stored", timeout=20000)
    assert requests.get(address, timeout=60).json()["genotype"] == "wild-type"
    expect(withdraw).to_be_visible()


def test_the_results_of_further_series_stand_below_and_a_difference_is_told(page, server):
    """As with "Candidates": "all"."""
    result = server.case["result"]
    status = {"altered": "wild-type"}.get(result["prediction"]["status"], "altered")
    other = {**result, "series": "f" * 8, "series_instance_uid": "1.2.9", "segmentation": None, "saliency": None, "report": "REPORT",
             "volume_mm3": 2500, "missing_slices": 3, "prediction": {**result["prediction"], "status": status, "probability_altered": 0.251}}
    same = {**result, "series": "e" * 8, "series_instance_uid": "1.2.10", "segmentation": "SEGMENTATION", "volume_mm3": 0}
    described = {"series": other["series"], "series_instance_uid": "1.2.9", "accepted": True, "reasons": [],
                 "criteria": [{"name": "description", "seen": "T2 of the brain stem", "wanted": "T2", "passed": True}]}
    answer_case(page, server, result={**result, "further_results": [other, same]}, routing=[*server.case["routing"], described])
    open_case(page, server)
    aside = page.locator("aside")
    further = aside.locator("div", has=page.get_by_role("heading", name="Further series: T2 of the brain stem", exact=True)).last
    for words in (status, "25.1 %", "2.5 ml", "Slices missing from the series: 3"):
        expect(further).to_contain_text(words)
    expect(further.get_by_role("link", name="SR of T2 of the brain stem")).to_have_attribute("href", re.compile("/instances/REPORT/file$"))
    expect(further.get_by_role("link")).to_have_count(1)
    expect(page.get_by_role("heading", name=f"Further series: {same['series']}")).to_be_visible()   # its images have no description
    expect(aside).to_contain_text("no tumour found")
    expect(page.get_by_role("link", name=f"SEG of {same['series']}")).to_be_visible()
    expect(aside).to_contain_text(f"The series of this study DIFFER in their status: {result['prediction']['status']}, {status}.")

    answer_case(page, server, result={**result, "further_results": [same]})
    page.reload()
    expect(page.get_by_role("heading", name="Further series:")).to_have_count(1, timeout=20000)
    expect(aside).not_to_contain_text("DIFFER in their status")


def test_a_run_is_started_once_and_further_keys_join_those_of_the_form(page):
    page.go("#/runs")
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_enabled(timeout=10000)
    held = []
    page.route("**/runs", lambda route: held.append(route) if route.request.method == "POST" else route.fallback())
    page.get_by_label("Batches of each training").fill("200")
    page.get_by_label("Further keys, JSON").fill('{"training": {"batch": 8}, "seed": 2}')
    start.click()
    wait_in_page(page, lambda: held)
    expect(start).to_be_disabled()   # the server checks what was sent
    page.get_by_label("Batches of each training").press("Enter")
    page.wait_for_timeout(300)
    assert len(held) == 1
    config = held[0].request.post_data_json["config"]
    assert config["training"] == {"steps": 200, "batch": 8} and config["seed"] == 2
    assert config["network"] == {"input_size": 256}
    held[0].fulfill(status=400, json={"Details": "No study has a label"})
    expect(page.locator("#message")).to_contain_text("No study has a label")
    expect(start).to_be_enabled()


def test_a_page_of_the_worklist_whose_cases_are_gone_gives_way_to_the_first(page, server):
    rows = answer_worklist(page, server, *60 * [{}])

    def answer(route):
        query = dict(parse_qsl(urlsplit(route.request.url).query))
        first, count = int(query["offset"]), int(query["limit"])
        route.fulfill(json={"total": len(rows), "offset": first, "limit": count, "cases": rows[first:first + count]})
    page.route(re.compile(r"/h3k27m/cases\?"), answer)
    page.go()
    main = page.locator("main")
    expect(main).to_contain_text("60 cases, 1 to 50", timeout=10000)
    page.get_by_role("button", name="Next page").click()
    expect(main).to_contain_text("60 cases, 51 to 60")
    del rows[40:]   # deleted, or of another state by now
    expect(main).to_contain_text("40 cases, 1 to 40", timeout=10000)
    expect(page.get_by_role("button", name="Previous page")).to_be_disabled()
    rows.clear()
    page.get_by_label("Mask").select_option("true")
    expect(page.locator("tbody")).to_have_text("No case fits the filters.")


def test_earlier_entries_of_the_audit_are_of_the_filters_that_are_shown(page):
    def entry(number):
        return {"id": number, "at": "2026-01-01T00:00:00Z", "user": "anna", "role": "annotator", "action": "putMask", "subject": None,
                "outcome": "done", "details": f"entry {number}"}
    asked, held = [], []

    def answer(route):
        asked.append(dict(parse_qsl(urlsplit(route.request.url).query)))
        if "before" in asked[-1]:
            held.append(route)
        else:
            route.fulfill(json={"entries": [entry(8)], "next_before": 8})
    page.route(re.compile(r"/h3k27m/audit\?"), answer)
    page.go("#/audit")
    more = page.get_by_role("button", name="Earlier entries")
    expect(more).to_be_enabled(timeout=10000)
    user = page.get_by_label("User", exact=True)
    user.fill("anna")
    page.get_by_role("button", name="Show", exact=True).click()
    wait_in_page(page, lambda: asked[-1].get("user") == "anna")
    expect(more).to_be_enabled()
    user.fill("tom")   # typed, and not shown
    more.click()
    wait_in_page(page, lambda: held)
    expect(more).to_be_disabled()
    assert asked[-1] == {"user": "anna", "limit": "50", "before": "8"}
    held[0].fulfill(json={"entries": [entry(7)], "next_before": None})
    expect(page.locator("tbody tr")).to_contain_text(["entry 8", "entry 7"])
    expect(more).to_be_hidden()
    expect(page.get_by_role("link", name="As CSV")).to_have_attribute("href", re.compile(r"\?user=anna&format=csv"))


def test_who_comes_back_from_a_case_finds_the_worklist_as_it_was(page, server, browser):   # noqa: F811
    study = server.phantom["study"]
    patient = server.client.get(f"/studies/{study}")["PatientMainDicomTags"]["PatientID"]
    page.go()
    with page.expect_response("**/tools/find"):
        page.get_by_label("Patient").fill(patient)
    page.get_by_label("State").select_option("done")
    page.get_by_role("button", name="Volume, ml").click()
    page.locator(f"a[href='#/case/{study}']").click(timeout=10000)
    expect(page.locator("h1")).to_contain_text(f"ID {patient}", timeout=20000)
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.get_by_label("Patient")).to_have_value(patient, timeout=10000)
    expect(page.get_by_label("State")).to_have_value("done")
    expect(page.get_by_role("columnheader", name="Volume, ml")).to_have_attribute("aria-sort", "descending")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator(f"a[href='#/case/{study}']")).to_be_visible()
    with watched_page(browser, server) as other:   # another tab, at another desk perhaps
        other.go()
        expect(other.get_by_label("Patient")).to_have_value("", timeout=10000)


def test_who_comes_back_from_a_case_of_the_second_page_goes_on_there(page, server):
    rows = answer_worklist(page, server, *60 * [{}])

    def answer(route):
        first = int(dict(parse_qsl(urlsplit(route.request.url).query))["offset"])
        route.fulfill(json={"total": len(rows), "offset": first, "limit": 50, "cases": rows[first:first + 50]})
    page.route(re.compile(r"/h3k27m/cases\?"), answer)
    page.go()
    page.get_by_role("button", name="Next page").click(timeout=10000)
    expect(page.locator("main")).to_contain_text("60 cases, 51 to 60")
    page.get_by_role("link", name="Queue").click()
    expect(page.locator("h1")).to_have_text("Queue")
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.locator("main")).to_contain_text("60 cases, 51 to 60", timeout=10000)
    page.get_by_role("button", name="Previous page").click()
    expect(page.locator("main")).to_contain_text("60 cases, 1 to 50")


def test_who_stays_on_a_case_keeps_the_way_back_to_the_worklist(page, server):
    page.go()
    page.locator(f"a[href='#/case/{server.phantom['study']}']").click(timeout=10000)
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss() if len(asked) < 3 else dialog.accept()))
    page.get_by_label("annotator").fill("Expert Nine")
    for times in (1, 2):
        page.evaluate("history.back()")
        wait_in_page(page, lambda: len(asked) == times)
        page.wait_for_function("location.hash.startsWith('#/case/')")
        expect(page.get_by_label("annotator")).to_have_value("Expert Nine")
    page.evaluate("history.back()")   # and this time it is meant
    expect(page.locator("h1")).to_have_text("Cases", timeout=10000)
    page.evaluate("history.forward()")
    expect(page.locator(".viewer .note")).to_contain_text("window", timeout=20000)


def test_what_needs_a_person_and_what_has_a_label_are_found_by_filters(page, server):
    study = server.send_all(make_series(PatientID="NEEDS-1"))
    case = server.wait_for_case(study, "done")
    labelled, bare = (page.locator(f"a[href='#/case/{one}']") for one in (server.phantom["study"], study))
    page.go()
    label, state = page.get_by_label("Label"), page.get_by_label("State")
    label.select_option("none")
    expect(bare).to_be_visible(timeout=10000)
    expect(labelled).to_have_count(0)
    label.select_option(server.case["label"]["genotype"])
    expect(labelled).to_be_visible()
    expect(bare).to_have_count(0)
    label.select_option("")

    state.select_option("needs a person")
    expect(bare).to_be_visible()
    review = requests.post(f"{server.client.url}/h3k27m/cases/{study}/review", timeout=60, json={
        "decision": "uncertain", "reason": "motion", "reviewer": "Expert^One", "organisation": "Bonn",
        "result": case["report_instance_uid"], "replaces": ""})
    assert review.ok, review.text
    expect(bare).to_have_count(0, timeout=20000)   # live, without reload
    page.get_by_label("Patient").fill("NEEDS-1")   # a search is filtered in the same way
    expect(page.locator("tbody")).to_have_text("No case of such a patient.", timeout=10000)
    state.select_option("")
    expect(bare).to_be_visible()


def answer_pages(page, server, name):
    """A worklist of two pages, of two cases and of one, which a test may change: ({where it begins: studies}, the three studies)."""
    studies = [server.send_all(make_series(PatientID=f"{name}-{i}")) for i in range(3)]
    for study in studies:
        server.wait_for_case(study)
    rows = {row["study"]: row for row in server.client.get("/h3k27m/cases?limit=1000")["cases"]}
    pages = {0: studies[:2], 50: studies[2:]}

    def answer(route):
        first = int(dict(parse_qsl(urlsplit(route.request.url).query))["offset"])
        cases = [rows[study] for study in pages.get(first, [])]
        route.fulfill(json={"total": max(pages) + len(pages[max(pages)]), "offset": first, "limit": 50, "cases": cases})
    page.route(re.compile(r"/h3k27m/cases\?"), answer)
    return pages, studies


def test_a_reader_goes_from_case_to_case_in_the_order_of_the_list(page, server):
    pages, studies = answer_pages(page, server, "NEXT")
    page.go()
    heading, note = page.locator("h1"), page.locator(".viewer .note")
    on, back = (page.get_by_role("button", name=f"{which} case") for which in ("Next", "Previous"))
    page.get_by_role("link", name="NEXT-0").click(timeout=10000)
    for i in range(2):
        expect(heading).to_contain_text(f"ID NEXT-{i}", timeout=20000)
        on.click()
    expect(heading).to_contain_text("ID NEXT-2", timeout=20000)   # of the second page
    on.click()
    expect(page.locator("#message")).to_contain_text("This is the last case of the list.")
    for i in (1, 0):
        expect(note).to_contain_text("window", timeout=20000)
        page.locator(".viewer").focus()
        page.keyboard.press("p")
        expect(heading).to_contain_text(f"ID NEXT-{i}", timeout=20000)
    expect(back).to_be_enabled()
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.locator("main")).to_contain_text("51 cases, 1 to 2", timeout=10000)

    # The case that is read leaves the list, and the one that takes its place is the next.
    page.get_by_role("link", name="NEXT-1").click()
    expect(heading).to_contain_text("ID NEXT-1", timeout=20000)
    pages.clear()
    pages[0] = [studies[0], studies[2]]
    on.click()
    expect(heading).to_contain_text("ID NEXT-2", timeout=20000)


def test_the_end_of_a_page_is_passed_when_its_case_is_left_and_back_again_by_the_browser(page, server):
    pages, studies = answer_pages(page, server, "EDGE")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss() if len(asked) == 1 else dialog.accept()))
    page.go()
    heading = page.locator("h1")
    on, back = (page.get_by_role("button", name=f"{which} case") for which in ("Next", "Previous"))
    page.get_by_role("link", name="EDGE-1").click(timeout=10000)
    expect(heading).to_contain_text("ID EDGE-1", timeout=20000)
    page.get_by_label("annotator").fill("Expert Nine")
    on.click()   # and the answer is no
    wait_in_page(page, lambda: asked)
    page.wait_for_function("address => location.hash === address", arg=f"#/case/{studies[1]}")
    expect(page.get_by_label("annotator")).to_have_value("Expert Nine")
    back.click()
    expect(heading).to_contain_text("ID EDGE-0", timeout=20000)
    assert len(asked) == 2
    on.click()
    expect(heading).to_contain_text("ID EDGE-1", timeout=20000)
    on.click()
    expect(heading).to_contain_text("ID EDGE-2", timeout=20000)   # of the second page
    page.evaluate("history.back()")
    expect(heading).to_contain_text("ID EDGE-1", timeout=20000)
    on.click()
    expect(heading).to_contain_text("ID EDGE-2", timeout=20000)

    # The case that is read was computed anew, and is the first one of the list now.
    pages.update({0: [studies[2], studies[0]], 50: [studies[1]]})
    back.click()
    expect(heading).to_contain_text("ID EDGE-0", timeout=20000)


def test_a_case_that_was_not_opened_from_a_list_has_no_neighbours(page, server):
    open_case(page, server)
    expect(page.get_by_role("button", name="Next case")).to_have_count(0)


def test_the_queue_names_the_patients_and_asks_once_for_each(page, server):
    study = server.phantom["study"]
    patient = server.client.get(f"/studies/{study}")["PatientMainDicomTags"]
    tasks = [{"id": i, "study": study, "state": "dead", "priority": "routine", "attempts": 3, "reason": "fault", "created": None}
             for i in range(3)]
    page.route("**/queue?*", lambda route: route.fulfill(json={"tasks": tasks, "total": 3, "offset": 0, "limit": 100}))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith(f"/studies/{study}") else None)
    page.go("#/queue")
    links = page.locator("tbody").get_by_role("link", name=f"{patient['PatientName'].replace('^', ' ')}, ")
    expect(links).to_have_count(3, timeout=10000)
    expect(links.first).to_contain_text(f"ID {patient['PatientID']}")
    expect(page.locator("tbody")).not_to_contain_text(study)
    assert len(asked) == 1

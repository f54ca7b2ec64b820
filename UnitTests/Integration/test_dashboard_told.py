# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dashboard tells, and how often: faults, questions, why a series was taken, the defaults, cards, versions, dates."""

import json
import re
import subprocess

import pytest
import requests
from playwright.sync_api import expect

from series_builder import make_series
from test_dashboard import browser, open_case, wait_in_page, watched_page   # noqa: F401 - a fixture
from test_dashboard_pages import answer_case
from test_pacs import TestPacs


@pytest.fixture(scope="module")
def server(build, tmp_path_factory):
    with TestPacs(tmp_path_factory.mktemp("told"), build) as pacs:
        pacs.phantom = pacs.make_phantom(seed=4)
        pacs.case = pacs.wait_for_case(pacs.phantom["study"], "done")
        yield pacs


@pytest.fixture
def page(browser, server):   # noqa: F811
    with watched_page(browser, server) as opened:
        yield opened


@pytest.mark.parametrize("address, asked", [("#/queue", "**/queue?*"), ("#/runs", "**/runs?limit=100"), ("#/run/r1", "**/runs/r1")])
def test_a_server_that_is_away_is_told_once(page, address, asked):
    """A page that looks every few seconds once added a message each time."""
    run = {"id": "r1", "kind": "fine-tune", "state": "running", "reason": None, "progress": {"fraction": 0.5}}
    page.route("**/runs/r1", lambda route: route.fulfill(json=run))
    page.route("**/runs/r1/events?*", lambda route: route.fulfill(body="", headers={"X-Next-Offset": "0"}))
    page.go(address)
    expect(page.locator("main [role=status]").first).to_be_attached()
    looks = []
    page.route(asked, lambda route: (looks.append(route), route.abort()))
    line = page.get_by_text("The server does not answer")
    expect(line).to_be_visible(timeout=10000)
    wait_in_page(page, lambda: len(looks) > 2)
    expect(line).to_have_count(1)
    expect(page.locator("#message p")).to_have_count(0)
    page.unroute(asked)
    if address == "#/run/r1":
        page.route(asked, lambda route: route.fulfill(json=run))
    expect(line).to_have_count(0, timeout=10000)


def answer_models(page, cards, previous=None):
    """The registry holds these models, of which the first is in force; each was made by a run."""
    models = [{"name": name, "version": card.get("version"), "variant": card.get("variant", "fusion"), "active": i == 0, "bytes": 1, "fault": None,
               "run": name, "members": len(card.get("members", [1])), "origin": "run"} for i, (name, card) in enumerate(cards.items())]

    def answer(path, json):
        page.route(re.compile(f"/h3k27m/models{path}$"), lambda route: route.fulfill(json=json))

    answer("", {"models": models, "previous": previous})
    for model in models:
        answer(f"/{model['name']}", {**model, "card": cards[model["name"]]})
        answer(rf"/{model['name']}/shadow\?limit=0", {"active": False, "against": None, "since": None, "figures": {"studies": 0}})


def test_a_model_is_changed_for_the_whole_hospital_after_a_question_with_both_names(page):
    answer_models(page, {"in-use": {}, "better": {"gate": {"passed": True, "reason": "not worse"}}, "worse": {}}, previous="older")
    sent, asked = [], []

    def answer(route):
        sent.append(route.request.url.split("/models/")[1])
        route.fulfill(json={"current": "x", "previous": "y"})
    page.route(re.compile(r"/(promote|rollback)$"), answer)
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept("a test") if len(asked) > 3 else dialog.dismiss()))
    page.go("#/models")
    better, worse = (page.locator("section", has=page.get_by_role("heading", name=name)) for name in ("better", "worse"))
    buttons = [better.get_by_role("button", name="Put in force"), worse.get_by_role("button", name="Put in force"),
               page.get_by_role("button", name="Back to older")]
    for button in buttons:
        button.click(timeout=10000)
    assert len(asked) == 3 and sent == [], "nothing was done by a click alone"
    for words, names in zip(asked, (("better", "in-use"), ("worse", "in-use"), ("in-use", "older"))):
        assert all(name in words for name in names), words
    for count, button in enumerate(buttons, 1):
        button.click()
        wait_in_page(page, lambda count=count: len(sent) == count)
    assert sent == ["better/promote", "worse/promote", "in-use/rollback"]


def test_there_is_no_way_back_where_no_model_was_before(page, server):
    page.go("#/models")
    expect(page.get_by_role("heading", name="phantom-demonstration in force")).to_be_visible(timeout=10000)
    expect(page.get_by_role("button", name="Back to")).to_have_count(0)


def test_a_slow_double_click_stores_one_review(page, server):
    """The second one once met the first and told of a conflict with oneself."""
    held = []
    page.route("**/review", lambda route: held.append(route) if route.request.method == "POST" else route.fallback())
    open_case(page, server)
    panel = page.get_by_role("region", name="Review")
    panel.get_by_label("Mark uncertain").check()
    for label, text in (("Reason", "motion"), ("Name of the reader", "Expert^One"), ("Organisation", "Bonn")):
        panel.get_by_label(label).fill(text)
    store = panel.get_by_role("button", name="Store the review")
    store.click()
    wait_in_page(page, lambda: held)
    expect(store).to_be_disabled()
    store.dispatch_event("click")
    panel.get_by_label("Reason").press("Enter")
    page.wait_for_timeout(500)
    assert len(held) == 1
    held[0].fulfill(status=503, json={"Details": "The work store is away"})
    expect(page.locator("#message")).to_contain_text("The work store is away")
    expect(store).to_be_enabled()
    expect(panel.get_by_label("Reason")).to_have_value("motion")
    store.click()
    wait_in_page(page, lambda: len(held) == 2)
    held[1].fulfill(json={"decision": "uncertain", "status": None, "reason": "motion", "reviewer": "Expert^One", "organisation": "Bonn", "of": None,
                          "reviewed": "2026-11-28T09:30:00Z", "sop_instance_uid": "1.2.3"})
    expect(panel.get_by_role("status")).to_contain_text("Expert One, Bonn")
    expect(store).to_be_enabled()


LABEL = {"genotype": "altered", "assay": "ihc", "site": "Bonn", "pre_operative": True, "split": "development", "annotator": "Expert One"}


def label_study(server, patient):
    """A labelled study of its own: (its identifier, the address of its label)."""
    study = server.send_all(make_series(PatientID=patient))
    server.wait_for_case(study)
    address = f"{server.client.url}/h3k27m/cases/{study}/label"
    assert requests.put(address, json=LABEL, timeout=60).ok
    return study, address


def test_a_label_that_went_with_its_study_is_told_from_one_that_was_withdrawn(page, server):
    """Either answer is 404; nobody is asked to store a label into a study that is gone."""
    page.on("dialog", lambda dialog: dialog.accept())
    withdraw = page.get_by_role("button", name="Withdraw the label")
    meanwhile = page.get_by_text("The label was withdrawn meanwhile")

    study, address = label_study(server, "WITHDRAWN-1")
    page.go(f"#/case/{study}")
    expect(withdraw).to_be_visible(timeout=20000)
    assert requests.delete(address, timeout=60).ok
    withdraw.click()
    expect(meanwhile).to_be_visible(timeout=20000)

    study, address = label_study(server, "DELETED-1")
    page.go(f"#/case/{study}")
    expect(withdraw).to_be_visible(timeout=20000)
    server.delete_study(study)
    withdraw.click()
    expect(page.locator("#message")).to_contain_text("This study is not in the archive any more, and its label with it", timeout=20000)
    expect(meanwhile).to_have_count(0)


def test_why_a_series_was_taken_and_why_before_another(page, server):
    taken = next(series for series in server.case["routing"] if series["accepted"])
    other = {**taken, "series": "f" * 8, "series_instance_uid": "1.2.9", "behind": {"series": taken["series"], "reason": "it has more slices: 24, this one 20"}}
    refused = {**taken, "series": "e" * 8, "series_instance_uid": "1.2.10", "accepted": False,
               "reasons": ["echo_time: 12 ms (wanted: 70 to 500 ms)"], "criteria": [
                   {"name": "modality", "seen": "MR", "wanted": "MR", "passed": True},
                   {"name": "echo_time", "seen": "12 ms", "wanted": "70 to 500 ms", "passed": False}]}
    answer_case(page, server, routing=[taken, other, refused])
    open_case(page, server)
    read, behind, out = (page.locator("aside details", has=page.locator("summary", has_text=words))
                         for words in (re.compile("^read: "), "could be read, another one was: ", "not taken: "))
    for details in (read, behind, out):
        details.locator("summary").click()
    for criterion in taken["criteria"]:
        line = f"{criterion['name'].replace('_', ' ')}: {criterion['seen'] or 'nothing'} (wanted: {criterion['wanted']})"
        expect(read.locator("li").filter(has_text=line)).to_have_count(1)
    expect(read).to_contain_text(f"All {len(taken['criteria'])} criteria passed.")
    expect(read).not_to_contain_text("Preferred was")
    name = read.locator("summary").inner_text().removeprefix("read: ")
    expect(behind).to_contain_text(f"Preferred was {name}: it has more slices: 24, this one 20.")
    expect(out.locator("li")).to_have_text(["echo_time: 12 ms (wanted: 70 to 500 ms)", "modality: MR (wanted: MR)"])
    expect(out).not_to_contain_text("criteria passed")


def test_the_presets_are_what_the_engine_says_of_them(server, build):
    answer = requests.get(f"{server.client.url}/h3k27m/runs/presets", timeout=120)
    assert answer.ok, answer.text
    presets = answer.json()
    assert set(presets) == {"recommended", "paper"}
    for name, config in presets.items():
        said = subprocess.run([build / "h3k27m", "check-config", json.dumps({"preset": name})], capture_output=True, text=True, check=True)
        assert config == json.loads(said.stdout)
    assert (presets["paper"]["training"]["epochs"], presets["paper"]["pretraining"]["epochs"]) == (200, 1000)
    assert presets["recommended"]["training"]["steps"] > 0


def test_the_form_of_a_run_states_the_defaults_of_its_preset(page, server):
    presets = requests.get(f"{server.client.url}/h3k27m/runs/presets", timeout=120).json()
    page.go("#/runs")
    batches, form = page.get_by_label("Batches of each training"), page.locator("form")
    steps = presets["recommended"]["training"]["steps"]
    expect(batches).to_have_attribute("placeholder", f"{steps} batches", timeout=20000)
    expect(form).to_contain_text(f"the preset recommended trains for {steps} batches")
    for label, value in (("Folds", presets["recommended"]["folds"]), ("Image size, pixels", presets["recommended"]["network"]["input_size"])):
        expect(page.get_by_label(label, exact=True)).to_have_value(str(value))
    page.get_by_label("Folds", exact=True).fill("3")
    page.get_by_label("Preset").select_option("paper")
    expect(batches).to_have_attribute("placeholder", "200 epochs")
    expect(form).to_contain_text("the preset paper trains for 200 epochs, and pre-trains for 1000 epochs.")
    expect(page.get_by_label("Folds", exact=True)).to_have_value("3")   # as it was typed
    page.get_by_label("What").select_option("pretrain")
    expect(batches).to_have_attribute("placeholder", "1000 epochs")
    page.get_by_text("Every key of the preset paper").click()
    expect(form.locator("dt", has_text=re.compile(r"^training\.peak_rate$"))).to_be_visible()
    expect(form.locator("dt", has_text=re.compile(r"^seed$")).locator("xpath=following-sibling::dd[1]")).to_have_text(str(presets["paper"]["seed"]))


def test_a_form_whose_preset_is_not_known_names_no_figure(page):
    page.route("**/runs/presets", lambda route: route.fulfill(status=503, json={"Details": "The engine is at work"}))
    page.go("#/runs")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=10000)
    expect(page.get_by_label("Batches of each training")).to_have_attribute("placeholder", "the preset's")
    expect(page.locator("#message p")).to_have_count(0)


def test_the_card_of_a_model_says_what_it_is_and_how_far_it_can_be_believed(page):
    def measure(value):
        return {"value": value, "low": value - 0.01, "high": value + 0.01, "method": "bootstrap"}
    card = {"version": "3", "variant": "fusion", "threshold": 0.42, "weights_sha256": "aa11", "dataset_hash": "dd44",
            "metrics": {"brier": measure(0.12), "ece": measure(0.05)}}
    answer_models(page, {"measured": card, "not-measured": {**card, "variant": "classification", "metrics": {}}, "encoder": {
        **card, "variant": "mae", "metrics": None}})
    page.go("#/models")
    measured, other, encoder = (page.locator("section", has=page.get_by_role("heading", name=re.compile(f"^{name}"))) for name in
                                ("measured", "not-measured", "encoder"))
    for words in ("Version3", "outline and genotype", "Brier score 0.120 (0.110 to 0.130), expected calibration error 0.050 (0.040 to 0.060)",
                  "altered above P = 0.42", "SHA-256 of the weightsaa11", "SHA-256 of the data setdd44"):
        expect(measured).to_contain_text(words, timeout=10000)
    expect(other).to_contain_text("genotype alone, no outline")
    expect(other).to_contain_text("Calibrationnot measured")
    expect(encoder).to_contain_text("answers nothing by itself")
    expect(encoder).not_to_contain_text("Threshold")


def test_the_status_says_which_versions_run_and_when_a_failed_engine_starts_again(page, server):
    status = server.client.get("/h3k27m/status")
    assert re.match(r"\d+\.\d+", status["engine"]["libtorch_version"]) and "cuda_version" in status["engine"]
    version = server.client.get("/system")["Version"]
    page.go("#/status")
    main = page.locator("main")
    expect(main).to_contain_text(f"Orthanc{version}", timeout=10000)
    expect(main).to_contain_text(f"LibTorch{status['engine']['libtorch_version']}")
    expect(main).not_to_contain_text("Failures in a row")
    page.route("**/h3k27m/status", lambda route: route.fulfill(json={**status, "engine": {
        **status["engine"], "state": "waiting", "failures_in_a_row": 3, "next_start_seconds": 7.2, "cuda_version": "12.4"}}))
    for words in ("Failures in a row3", "Next startin 8 s", "CUDA12.4"):
        expect(main).to_contain_text(words, timeout=10000)


def test_a_finished_case_whose_study_is_deleted_says_so_to_whoever_only_looks(page, server):
    study = server.send_all(make_series(PatientID="DELETED-2"))
    server.wait_for_case(study, "done")
    page.go(f"#/case/{study}")
    page.get_by_label("site").fill("Bonn", timeout=20000)
    gone = page.get_by_role("alert").filter(has_text="This study was deleted from the archive")
    page.route(f"**/studies/{study}", lambda route: route.abort())
    page.wait_for_timeout(11000)
    expect(gone).to_have_count(0)   # a server that is away says nothing of the study
    page.unroute(f"**/studies/{study}")
    server.delete_study(study)
    expect(gone).to_be_visible(timeout=20000)
    expect(page.get_by_label("site")).to_have_value("Bonn")
    expect(gone.get_by_role("link", name="Back to the cases")).to_be_visible()


def texts_of(item):
    """Of an SR or one of its items, with all below."""
    own = [item.TextValue] if item.ValueType == "TEXT" else []
    return own + [text for child in item.get("ContentSequence", []) for text in texts_of(child)]


def test_the_srs_of_a_case_are_read_in_the_page_and_the_persons_objects_are_linked(page, server):
    study = server.make_phantom(seed=61)["study"]
    case = server.wait_for_case(study, "done")
    address = f"{server.client.url}/h3k27m/cases/{study}"
    planted = requests.get(f"{address}/mask", timeout=60).json()["segmentation"]
    assert requests.put(f"{address}/mask", json={"segmentation": planted, "creator": "Expert^One"}, timeout=60).ok
    server.wait_until(lambda: (server.client.get_case(study)["human_mask"] or {}).get("creator"), what="the mask in the case")
    drawn = server.client.get_case(study)["human_mask"]["segmentation"]
    page.go(f"#/case/{study}")
    expect(page.get_by_role("link", name="Human SEG")).to_have_attribute("href", re.compile(f"/instances/{drawn}/file$"), timeout=20000)
    expect(page.get_by_role("link", name="Review SR")).to_have_count(0)

    page.get_by_text("Read the model's SR").click()
    report = page.locator("details", has=page.get_by_text("Read the model's SR"))
    said = report.locator("li").all_inner_texts
    expect(report.locator("li").first).to_be_visible(timeout=10000)
    texts = texts_of(server.dataset(case["result"]["report"]))
    assert any(len(text) > 256 for text in texts), "what Orthanc leaves out unless it is asked for"
    shown = " ".join(" ".join(said()).split())
    for text in texts:
        assert " ".join(text.split()) in shown

    panel = page.get_by_role("region", name="Review")
    panel.get_by_label("Mark uncertain").check(timeout=20000)
    for label, text in (("Reason", "motion"), ("Name of the reader", "Expert^One"), ("Organisation", "Bonn")):
        panel.get_by_label(label).fill(text)
    panel.get_by_role("button", name="Store the review").click()
    review = page.get_by_role("link", name="Review SR")
    expect(review).to_be_visible(timeout=20000)
    made = requests.get(f"{address}/review", timeout=60).json()
    expect(review).to_have_attribute("href", re.compile(f"/instances/{made['instance']}/file$"))
    page.get_by_text("Read the review's SR").click()
    read = page.locator("details", has=page.get_by_text("Read the review's SR"))
    for words in ("motion", "Expert One", "Bonn"):
        expect(read).to_contain_text(words, timeout=10000)


def test_the_fields_of_a_label_have_words(page, server):
    open_case(page, server)
    form = page.locator("form", has=page.get_by_role("button", name="Store the label"))
    names = form.locator("label").evaluate_all("labels => labels.map((label) => label.firstChild.textContent)")
    assert names == ["Genotype", "Assay", "Gene", "Hospital (site)", "Before surgery (pre-operative)", "Part of data sets (split)",
                     "Reason for leaving it out", "Labelled by (annotator)", "Checked by (reviser)"]
    expect(form.get_by_label("Hospital (site)", exact=True)).to_be_editable()
    expect(form.locator("option[value=external]")).to_have_text("external: to measure by")
    expect(form.locator("option[value=prior-surgery]")).to_have_text("prior surgery")


def test_dates_are_read_the_same_way_everywhere(browser, server):   # noqa: F811
    context = browser.new_context(locale="en-US", timezone_id="Asia/Shanghai")
    page = context.new_page()
    page.route("**/queue?*", lambda route: route.fulfill(json={"total": 1, "offset": 0, "limit": 100, "tasks": [{
        "id": 1, "study": server.phantom["study"], "state": "dead", "priority": "routine", "attempts": 3, "reason": "fault",
        "updated": "2026-03-04T20:05:09.123Z"}]}))
    page.goto(f"{server.client.url}/h3k27m/app/#/queue")
    expect(page.locator("tbody")).to_contain_text("2026-03-05 04:05:09", timeout=10000)
    context.close()


@pytest.mark.parametrize("members, probability, words", [([], 0.7, "one network alone, so no spread is known"),
                                                         ([0.6, 0.8], 0.7, "2 networks, each by itself: 60.0 % to 80.0 %"),
                                                         ([], None, None)])
def test_the_spread_of_networks_is_told_or_that_none_is_known(page, server, members, probability, words):
    result = server.case["result"]
    answer_case(page, server, result={**result, "prediction": {
        **result["prediction"], "member_probabilities": members, "probability_altered": probability}})
    open_case(page, server)
    spread = page.locator("aside dt", has_text=re.compile("^Spread$"))
    expect(spread).to_have_count(1 if words else 0)
    if words:
        expect(spread.locator("xpath=following-sibling::dd[1]")).to_contain_text(words)

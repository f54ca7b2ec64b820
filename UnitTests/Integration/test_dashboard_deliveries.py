# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What did not reach its receiver, as the dashboard tells it: Chromium, a real Orthanc and a webhook that fails."""

from playwright.sync_api import expect

from series_builder import make_series
from test_accessibility import faults
from test_dashboard import browser, watched_page   # noqa: F401 - a fixture
from test_delivery import QUICK, SECRET, wait_for_delivery, webhook   # noqa: F401 - a fixture

STUDY = "00000001-00000002-00000003-00000004-00000005"


def delivery(number, **changes):
    return {"id": number, "study": STUDY, "study_instance_uid": "2.25.1", "rule": f"rule{number}", "target": "modality PACS", "result": "2.25.2",
            "state": "dead", "attempts": 3, "reason": f"fault {number}", "next_attempt": None, "awaits_confirmation": False,
            "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z", "delivered": None, **changes}


def answer_deliveries(page, *rows):
    """What the server says that is dead or failed, from now on."""
    def answer(route):
        mine = [row for row in rows if f"state={row['state']}" in route.request.url]
        route.fulfill(json={"total": len(mine), "offset": 0, "limit": 50, "deliveries": mine})
    page.route("**/deliveries?*", answer)


def undelivered(page):
    return page.get_by_role("region", name="Not delivered")


def test_a_delivery_that_was_given_up_stands_in_the_queue_until_it_is_retried(browser, make_pacs, webhook):   # noqa: F811
    webhook.answers = [500]
    pacs = make_pacs(h3k27m={"Delivery": {**QUICK, "MaxAttempts": 1, "Rules": [
        {"Name": "hook", "Webhook": webhook.url, "Secret": SECRET}]}})
    study = pacs.send_all(make_series())
    wait_for_delivery(pacs, study, "dead")
    assert pacs.client.get("/h3k27m/status")["deliveries"]["dead"] == 1
    with watched_page(browser, pacs) as page:
        page.go("#/queue")
        section = undelivered(page)
        expect(section).to_contain_text("the webhook answered 500", timeout=10000)
        expect(section).to_contain_text("1 given up, 0 to be tried again")
        expect(section.get_by_role("link", name=study)).to_have_attribute("href", f"#/case/{study}")
        section.get_by_role("button", name="Retry").focus()
        page.keyboard.press("Enter")
        expect(section).to_have_count(0, timeout=20000)
        expect(page.locator("#page")).to_be_focused()
        wait_for_delivery(pacs, study, "delivered")
        page.go(f"#/case/{study}")
        page.get_by_text("What happened to this case").click()
        history = page.locator("ol.history li")
        for words in ("sent on to webhook http://127.0.0.1", "sending on asked for again"):
            expect(history.filter(has_text=words)).to_have_count(1, timeout=10000)
    assert wait_for_delivery(pacs, study, "delivered")["attempts"] == 1
    assert pacs.client.get("/h3k27m/status")["deliveries"]["dead"] == 0


def test_what_is_dead_stands_before_what_is_tried_again_and_who_may_not_retry_is_told(browser, pacs):   # noqa: F811
    with watched_page(browser, pacs) as page:
        page.route("**/access", lambda route: route.fulfill(
            json={"user": "vera", "role": "viewer", "denied": {"retryDelivery": "annotator"}}))
        answer_deliveries(page, delivery(9, state="failed", next_attempt="2026-01-01T01:00:00Z"), delivery(3), delivery(2, target=None))
        page.go("#/queue")
        rows = undelivered(page).locator("tbody tr")
        expect(rows).to_have_count(3, timeout=10000)
        for row, words in enumerate(("fault 3", "fault 2", "fault 9")):
            expect(rows.nth(row)).to_contain_text(words)
        expect(rows.nth(1)).to_contain_text("rule rule2 (not configured here)")
        button = rows.first.get_by_role("button", name="Retry")
        expect(button).to_be_disabled()
        expect(button).to_have_attribute("title", "This needs the role annotator, yours is viewer.")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert faults(page) == []


def test_a_server_that_cannot_tell_what_was_delivered_is_told_once_and_leaves_the_queue(browser, pacs):   # noqa: F811
    with watched_page(browser, pacs) as page:
        page.route("**/deliveries?*", lambda route: route.abort())
        page.go("#/queue")
        expect(page.locator("main")).to_contain_text("What was not delivered cannot be told. The server does not answer", timeout=10000)
        expect(page.locator("main")).to_contain_text("Nothing waits, runs or failed.")
        page.wait_for_timeout(6000)
        expect(page.locator("#message p")).to_have_count(0)
        page.unroute("**/deliveries?*")
        expect(page.locator("main")).not_to_contain_text("cannot be told", timeout=10000)
        expect(undelivered(page)).to_have_count(0)

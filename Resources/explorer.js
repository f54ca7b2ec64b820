// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Added by the core to Orthanc Explorer's own script: the ways from there to the dashboard. Explorer's pages are made by
// jQuery Mobile when they are first shown, so ours goes in just before. Addresses are relative: a proxy may add a prefix.
(function ($) {
  "use strict";

  const DASHBOARD = "../h3k27m/app/";

  function makeLink(text) {
    return $("<a>").attr({href: DASHBOARD, rel: "external"}).text(text);
  }

  $(document).on("pagebeforecreate", "#lookup", function () {
    makeLink("H3K27M worklist (research use only)").attr({"id": "h3k27m-worklist", "data-role": "button"})
      .insertAfter("#lookup-form");
  });

  $(document).on("pagebeforecreate", "#study", function () {
    const link = makeLink("H3K27M: mask and prediction (research use only)").attr("id", "h3k27m-case");
    $("<li>").attr("data-icon", "search").append(link).appendTo("#study-access");
  });

  $(document).on("pagebeforeshow", "#study", function () {
    const study = $.mobile.pageData && $.mobile.pageData.uuid;
    $("#h3k27m-case").attr("href", DASHBOARD + (study ? "#/case/" + encodeURIComponent(study) : ""));
  });
})(window.jQuery);

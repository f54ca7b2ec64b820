// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Settings of the OHIF viewer (3.13) that Orthanc serves below /ohif/ (Resources/run.sh --ohif). One data source: the
// DICOMweb plugin of the same server. Nothing is asked of any other server. Research use only.

// Orthanc serves files alone: the list of studies is /ohif/index.html, where OHIF's router wants /ohif/.
if (location.pathname.endsWith("/index.html")) {
  history.replaceState(null, "", location.pathname.replace(/index\.html$/, "") + location.search);
}

window.config = {
  name: "orthanc-h3k27m",
  routerBasename: "/ohif",
  extensions: [],
  modes: [],
  // No tour of the screen, which covers the images at the first visit.
  customizationService: { "ohif.tours": { $set: [] } },
  showStudyList: true,
  showPatientInfo: "visible",
  // Both say what this is for: the bar can be closed for a session, the words at the top stay.
  investigationalUseDialog: { option: "always" },
  whiteLabeling: {
    createLogoComponentFn: (React) => React.createElement("span", { className: "text-foreground text-base" },
                                                          "OHIF: research use only"),
  },

  // A SEG that is opened is drawn at once, without a question.
  disableConfirmationPrompts: true,
  maxNumberOfWebWorkers: 2,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: true,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  maxNumRequests: { interaction: 20, thumbnail: 5, prefetch: 10 },

  defaultDataSourceName: "orthanc",
  dataSources: [
    {
      namespace: "@ohif/extension-default.dataSourcesModule.dicomweb",
      sourceName: "orthanc",
      configuration: {
        friendlyName: "Orthanc",
        name: "orthanc",
        qidoRoot: "/dicom-web",
        wadoRoot: "/dicom-web",
        wadoUriRoot: "/wado",
        qidoSupportsIncludeField: false,
        supportsFuzzyMatching: false,
        supportsWildcard: true,
        supportsReject: false,
        dicomUploadEnabled: false,
        imageRendering: "wadors",
        thumbnailRendering: "wadors",
        enableStudyLazyLoad: true,
        // Orthanc 1.10 takes "multipart/related; type=application/octet-stream" without quotation marks alone.
        omitQuotationForMultipartRequest: true,
        singlepart: "bulkdata,video,pdf",
        bulkDataURI: { enabled: true, relativeResolution: "studies" },
      },
    },
  ],
};

# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Training/Statistics agrees to 1e-10 with scikit-learn, SciPy and a DeLong written here from the definition.

h3k27m_statistics_probe (built beside the unit tests; H3K27M_BUILD names the build folder) answers the questions. What
these libraries do not have (mid-p, Holm, net benefit, binning) is written here from the formula, in another way.
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, special, stats
from sklearn import calibration, metrics

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("H3K27M_BUILD", REPOSITORY / "build" / "release"))
TOLERANCE = 1e-10
Z = stats.norm.ppf(0.975)


def ask(questions):
    program = BUILD / "h3k27m_statistics_probe"
    assert program.exists(), f"{program} is not built: run Resources/test.sh"
    done = subprocess.run([program], input=json.dumps(questions), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def close(expected):
    return pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)


def patients(truth, scores):
    return {"truth": [bool(label) for label in truth], "scores": [float(score) for score in scores]}


def simulate(seed, count, steps=0):
    """Truth, and the scores of two models that err together; `steps` > 0 rounds them, so that there are ties."""
    random = np.random.default_rng(seed)
    truth = np.arange(count) % 3 > 0
    shared = random.normal(size=count) + truth
    scores = [special.expit(shared + random.normal(size=count)) for _ in range(2)]
    return truth, *(np.round(score * steps) / steps if steps else score for score in scores)


CASES = [simulate(seed, count, steps) for seed, (count, steps) in enumerate(
    [(35, 0), (35, 10), (200, 0), (200, 20), (12, 4), (7, 3), (1000, 0), (1000, 50)])]


def midranks(values):
    """From the definition: how many are less, and half of the equal ones and of oneself."""
    less = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return less + (equal + 1) / 2


def delong(truth, *models):
    """Areas and their covariance (Sun and Xu, 2014, equations 5 to 9)."""
    m, n = truth.sum(), (~truth).sum()
    v10, v01 = [], []
    for scores in models:
        ranks = midranks(scores)
        v10.append((ranks[truth] - midranks(scores[truth])) / n)
        v01.append(1 - (ranks[~truth] - midranks(scores[~truth])) / m)
    areas = np.array([placements.mean() for placements in v10])
    return areas, np.atleast_2d(np.cov(v10)) / m + np.atleast_2d(np.cov(v01)) / n


def test_auroc_and_delong():
    answers = ask([{"question": name, **patients(truth, scores)}
                   for truth, scores, _ in CASES for name in ("auroc", "auroc-logit")])
    for (truth, scores, _), wald, logit in zip(CASES, answers[::2], answers[1::2], strict=True):
        (area,), covariance = delong(truth, scores)
        deviation = np.sqrt(covariance[0, 0])
        assert wald["value"] == close(metrics.roc_auc_score(truth, scores)) == close(area)
        assert wald["low"] == close(max(0, area - Z * deviation))
        assert wald["high"] == close(min(1, area + Z * deviation))
        half = np.array([-Z, Z]) * deviation / (area * (1 - area))
        assert [logit["low"], logit["high"]] == close(special.expit(special.logit(area) + half).tolist())


def test_auroc_is_mann_whitney():
    truth, scores, _ = CASES[3]
    statistic = stats.mannwhitneyu(scores[truth], scores[~truth]).statistic
    answer = ask([{"question": "auroc", **patients(truth, scores)}])[0]
    assert answer["value"] == close(statistic / truth.sum() / (~truth).sum())


def test_paired_delong():
    answers = ask([{"question": "compare-auroc", "first": patients(truth, first), "second": patients(truth, second)}
                   for truth, first, second in CASES])
    for (truth, first, second), answer in zip(CASES, answers, strict=True):
        areas, covariance = delong(truth, first, second)
        deviation = np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
        z = (areas[0] - areas[1]) / deviation
        assert answer["difference"]["value"] == close(areas[0] - areas[1])
        assert answer["difference"]["low"] == close(areas[0] - areas[1] - Z * deviation)
        assert answer["statistic"] == close(z)
        assert answer["p"] == close(2 * stats.norm.sf(abs(z)))


def test_roc_curve():
    answers = ask([{"question": "roc", **patients(truth, scores)} for truth, scores, _ in CASES])
    for (truth, scores, _), answer in zip(CASES, answers, strict=True):
        false_positive_rate, sensitivity, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
        assert answer["false_positive_rate"] == close(false_positive_rate.tolist())
        assert answer["sensitivity"] == close(sensitivity.tolist())


def test_precision_recall_curve():
    answers = ask([{"question": name, **patients(truth, scores)}
                   for truth, scores, _ in CASES for name in ("precision-recall", "auprc")])
    for (truth, scores, _), curve, auprc in zip(CASES, answers[::2], answers[1::2], strict=True):
        # The lowest score first, and an end at (0, 1).
        precision, recall, _ = metrics.precision_recall_curve(truth, scores)
        assert curve["precision"] == close(precision[-2::-1].tolist())
        assert curve["recall"] == close(recall[-2::-1].tolist())
        assert auprc["value"] == close(metrics.average_precision_score(truth, scores))


def test_calls():
    thresholds = [0.3, 0.5, 0.7]
    answers = ask([{"question": "calls", "threshold": threshold, **patients(truth, scores)}
                   for truth, scores, _ in CASES for threshold in thresholds])
    for (truth, called), answer in zip([(truth, scores > threshold) for truth, scores, _ in CASES
                                        for threshold in thresholds], answers, strict=True):
        assert answer["sensitivity"]["value"] == close(metrics.recall_score(truth, called))
        assert answer["specificity"]["value"] == close(metrics.recall_score(~truth, ~called))
        assert answer["accuracy"]["value"] == close(metrics.accuracy_score(truth, called))
        assert answer["f1"]["value"] == close(metrics.f1_score(truth, called))
        if called.any():
            assert answer["ppv"]["value"] == close(metrics.precision_score(truth, called))
        else:
            assert answer["ppv"] is None
        if not called.all():
            assert answer["npv"]["value"] == close(metrics.precision_score(~truth, ~called))
        share = stats.binomtest(int((truth & called).sum()), int((truth | called).sum())).proportion_ci(method="wilson")
        assert answer["f1"]["high"] == close(2 * share.high / (1 + share.high))


def test_wilson():
    counts = [(hits, trials) for trials in (1, 2, 17, 18, 35, 1000) for hits in {0, 1, trials // 2, trials}]
    answers = ask([{"question": "proportion", "hits": hits, "trials": trials} for hits, trials in counts])
    for (hits, trials), answer in zip(counts, answers, strict=True):
        interval = stats.binomtest(hits, trials).proportion_ci(method="wilson")
        assert [answer["low"], answer["high"]] == close([interval.low, interval.high])


def test_bootstrap_of_means_is_that_of_scipy_but_for_chance():
    random = np.random.default_rng(0)
    first, second = random.uniform(0.5, 1, 35), random.uniform(0.4, 1, 35)
    mean, difference = ask([{"question": "mean", "values": first.tolist()},
                            {"question": "compare-means", "first": first.tolist(), "second": second.tolist()}])
    for answer, values in ((mean, first), (difference["difference"], first - second)):
        other = stats.bootstrap((values,), np.mean, n_resamples=20000, method="percentile", rng=1).confidence_interval
        assert answer["value"] == close(values.mean())
        assert [answer["low"], answer["high"]] == pytest.approx([other.low, other.high], abs=0.01)


def test_bootstrap_of_average_precision_is_a_stratified_one():
    truth, scores, _ = CASES[2]
    random = np.random.default_rng(1)
    values = []
    classes = [np.flatnonzero(truth), np.flatnonzero(~truth)]
    for _ in range(2000):
        drawn = np.concatenate([random.choice(members, len(members)) for members in classes])
        values.append(metrics.average_precision_score(truth[drawn], scores[drawn]))
    answer = ask([{"question": "auprc", **patients(truth, scores)}])[0]
    assert [answer["low"], answer["high"]] == pytest.approx(np.percentile(values, [2.5, 97.5]).tolist(), abs=0.01)


def test_mcnemar():
    counts = [(0, 1), (1, 7), (3, 3), (10, 2), (40, 61), (500, 400)]
    answers = ask([{"question": "mcnemar", "first": first, "second": second} for first, second in counts])
    for (first, second), answer in zip(counts, answers, strict=True):
        assert answer["p_exact"] == close(stats.binomtest(first, first + second).pvalue)
        # All outcomes farther from the middle, and half of those as far.
        outcomes = np.arange(first + second + 1)
        distance = abs(2 * outcomes - first - second)
        weight = (distance > abs(first - second)) + 0.5 * (distance == abs(first - second))
        assert answer["p"] == close((stats.binom.pmf(outcomes, first + second, 0.5) * weight).sum())


def test_holm():
    random = np.random.default_rng(2)
    families = [random.uniform(0, 0.2, size).tolist() for size in (1, 2, 5, 15)]
    for p, answer in zip(families, ask([{"question": "holm", "p": family} for family in families]), strict=True):
        # Adjusted p = the smallest level at which the step-down procedure rejects.
        for i, value in enumerate(p):
            levels = [other * sum(third >= other for third in p) for other in p if other <= value]
            assert answer[i] == close(min(1, max(levels)))


def test_welch():
    random = np.random.default_rng(3)
    groups = [(random.normal(40, 10, m), random.normal(shift, spread, n))
              for m, n, shift, spread in ((108, 92, 45, 15), (2, 3, 40, 1), (18, 17, 40, 10), (50, 5, 200, 3))]
    answers = ask([{"question": "welch", "first": first.tolist(), "second": second.tolist()}
                   for first, second in groups])
    for (first, second), answer in zip(groups, answers, strict=True):
        expected = stats.ttest_ind(first, second, equal_var=False)
        interval = expected.confidence_interval()
        assert answer["statistic"] == close(expected.statistic)
        assert answer["degrees_of_freedom"] == close(expected.df)
        assert answer["p"] == close(expected.pvalue)
        assert [answer["difference"]["low"], answer["difference"]["high"]] == close([interval.low, interval.high])


def test_fisher():
    random = np.random.default_rng(4)
    tables = [random.integers(0, size, (2, 2)) for size in (3, 5, 10, 30, 100, 1000) for _ in range(10)]
    tables = [table for table in tables if table.sum(axis=0).all() and table.sum(axis=1).all()]
    answers = ask([{"question": "fisher", "table": table.tolist()} for table in tables])
    for table, answer in zip(tables, answers, strict=True):
        expected = stats.fisher_exact(table)
        assert answer["p"] == close(expected.pvalue), table
        if np.isfinite(expected.statistic):
            assert answer["odds_ratio"] == close(expected.statistic)
        else:
            assert answer["odds_ratio"] is None


def test_chi_squared():
    random = np.random.default_rng(5)
    tables = [random.integers(1, 40, shape) for shape in ((2, 2), (2, 5), (3, 4), (6, 2))]
    answers = ask([{"question": "chi-squared", "table": table.tolist()} for table in tables])
    for table, answer in zip(tables, answers, strict=True):
        expected = stats.chi2_contingency(table, correction=False)
        assert answer["statistic"] == close(expected.statistic)
        assert answer["degrees_of_freedom"] == expected.dof
        assert answer["p"] == close(expected.pvalue)
        assert answer["smallest_expected"] == close(expected.expected_freq.min())


def test_brier():
    answers = ask([{"question": "brier", **patients(truth, scores)} for truth, scores, _ in CASES])
    for (truth, scores, _), answer in zip(CASES, answers, strict=True):
        assert answer["value"] == close(metrics.brier_score_loss(truth, scores))


def test_reliability_of_equal_width():
    smooth = [case for case in CASES if len(np.unique(case[1])) == len(case[1])]   # no score on an edge between bins
    answers = ask([{"question": "reliability", "binning": "equal width", "bins": 10, **patients(truth, scores)}
                   for truth, scores, _ in smooth])
    for (truth, scores, _), answer in zip(smooth, answers, strict=True):
        observed, predicted = calibration.calibration_curve(truth, scores, n_bins=10)
        assert [line["observed"]["value"] for line in answer["curve"]] == close(observed.tolist())
        assert [line["mean_score"] for line in answer["curve"]] == close(predicted.tolist())
        shares = np.array([line["patients"] for line in answer["curve"]]) / len(truth)
        assert answer["ece"] == close((shares * abs(observed - predicted)).sum())


def test_reliability_of_equal_mass():
    truth, scores, _ = CASES[2]
    answer = ask([{"question": "reliability", "binning": "equal mass", "bins": 8, **patients(truth, scores)}])[0]
    groups = np.split(np.argsort(scores), 8)
    assert [line["patients"] for line in answer["curve"]] == [25] * 8
    assert [line["mean_score"] for line in answer["curve"]] == close([scores[group].mean() for group in groups])
    assert answer["ece"] == close(np.mean([abs(scores[group].mean() - truth[group].mean()) for group in groups]))


def test_net_benefit():
    truth, scores, _ = CASES[6]
    answer = ask([{"question": "decision", **patients(truth, scores)}])[0]
    for threshold, model, treat_all in zip(answer["threshold"], answer["model"], answer["treat_all"], strict=True):
        (_, false_positives), (_, true_positives) = metrics.confusion_matrix(truth, scores > threshold)
        odds = threshold / (1 - threshold)
        assert model == close((true_positives - false_positives * odds) / len(truth))
        assert treat_all == close(truth.mean() - (1 - truth.mean()) * odds)


def test_temperature():
    cases = [(truth, 3 * special.logit(scores)) for truth, scores, _ in (CASES[0], CASES[2], CASES[6])]
    answers = ask([{"question": "temperature", **patients(truth, logits)} for truth, logits in cases])
    for (truth, logits), answer in zip(cases, answers, strict=True):
        signed = np.where(truth, logits, -logits)
        inverse = optimize.brentq(lambda b, s=signed: (s * special.expit(-b * s)).sum(), 0.05, 20, xtol=1e-15)
        assert answer["temperature"] == close(1 / inverse)
        # It is a minimum, not only a root.
        losses = [metrics.log_loss(truth, special.expit(logits / (answer["temperature"] * factor)))
                  for factor in (0.99, 1, 1.01)]
        assert losses[1] < min(losses[0], losses[2])

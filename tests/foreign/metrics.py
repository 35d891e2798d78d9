"""The figures of scikit-learn on its own toy data sets, for `tests/golden/metrics.json`.

Run in an environment with scikit-learn:  python tests/foreign/metrics.py > tests/golden/metrics.json
The predictions are those of simple models on a third of the rows; of those every other row is public. What is
written down is exactly what was measured, so that the figures hold for the texts beside them.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn import datasets, metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def table(head, rows):
    return "\n".join([",".join(head), *(",".join(row) for row in rows)]) + "\n"


def text(value):
    return repr(float(value))


def case(name, metric, truth, given, figure):
    """Measures both parts. `given`: labels or numbers, or likelihoods with a column for each class."""
    rows = len(truth)
    ids = [f"r{row}" for row in range(rows)]
    public = np.arange(rows) % 2 == 0
    word = (lambda value: text(value)) if metric in ("rmse", "mae") else (lambda value: str(int(value)))
    key = table(
        ["id", "label", "split"],
        [[i, word(t), "public" if p else "private"] for i, t, p in zip(ids, truth, public)],
    )
    if given.ndim == 2:
        classes = [str(label) for label in sorted(set(int(t) for t in truth))]
        head = ["id", *classes]
        cells = [[i, *(text(v) for v in row)] for i, row in zip(ids, given)]
    else:
        head = ["id", "prediction"]
        same = metric in ("rmse", "mae", "auc", "log_loss")
        cells = [[i, text(v) if same else str(int(v))] for i, v in zip(ids, given)]
    # The file comes in another order than the key.
    return {
        "name": name,
        "metric": metric,
        "key": key,
        "predictions": table(head, cells[::-1]),
        "public": text(figure(truth[public], given[public])),
        "private": text(figure(truth[~public], given[~public])),
    }


def classes(name, data, models):
    x, y = data.data, data.target
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.2, random_state=7, stratify=y)
    labels = sorted(set(int(t) for t in y))
    f1 = lambda average: lambda t, g: metrics.f1_score(t, g, average=average, zero_division=0)
    for model_name, model in models:
        model.fit(train_x, train_y)
        given, likely = model.predict(test_x), np.round(model.predict_proba(test_x), 6)
        likely[:, -1] = 1 - likely[:, :-1].sum(axis=1)
        likely = np.clip(np.round(likely, 6), 0, 1)
        here = f"{name}, {model_name}"
        yield case(here, "accuracy", test_y, given, metrics.accuracy_score)
        yield case(here, "f1_macro", test_y, given, f1("macro"))
        yield case(here, "f1_micro", test_y, given, f1("micro"))
        yield case(here, "f1_weighted", test_y, given, f1("weighted"))
        loss = lambda t, g: metrics.log_loss(t, g, labels=labels)
        if len(labels) == 2:
            yield case(here, "f1", test_y, given, f1("binary"))
            yield case(here, "auc", test_y, likely[:, 1], metrics.roc_auc_score)
            yield case(here, "log_loss", test_y, likely[:, 1], loss)
        else:
            area = lambda t, g: metrics.roc_auc_score(t, g, multi_class="ovr", average="macro", labels=labels)
            yield case(here, "auc", test_y, likely, area)
            yield case(here, "log_loss", test_y, likely, loss)


def numbers(name, data, models):
    train_x, test_x, train_y, test_y = train_test_split(data.data, data.target, test_size=0.3, random_state=7)
    for model_name, model in models:
        given = model.fit(train_x, train_y).predict(test_x)
        here = f"{name}, {model_name}"
        yield case(here, "rmse", test_y, given, metrics.root_mean_squared_error)
        yield case(here, "mae", test_y, given, metrics.mean_absolute_error)


def main():
    classifiers = lambda: [
        ("logistic regression", make_pipeline(StandardScaler(), LogisticRegression(max_iter=2_000))),
        ("nearest neighbours", KNeighborsClassifier(5)),
        ("always the most frequent", DummyClassifier(strategy="most_frequent")),
    ]
    cases = [
        *classes("iris", datasets.load_iris(), [*classifiers(), ("naive Bayes", GaussianNB())]),
        *classes("wine", datasets.load_wine(), classifiers()),
        *classes("breast cancer", datasets.load_breast_cancer(), classifiers()),
        *classes("digits", datasets.load_digits(), classifiers()[1:2]),
        *numbers(
            "diabetes",
            datasets.load_diabetes(),
            [("least squares", LinearRegression()), ("nearest neighbours", KNeighborsRegressor(5))],
        ),
    ]
    json.dump({"scikit-learn": sklearn.__version__, "cases": cases}, sys.stdout, indent=1)
    print()


main()

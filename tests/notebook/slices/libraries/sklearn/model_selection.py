import numpy as np

from .base import BaseEstimator, clone


def train_test_split(*arrays, test_size=0.25, random_state=None):
    rng = np.random.RandomState(random_state) if random_state is not None else np.random
    order = rng.permutation(len(arrays[0]))
    cut = int(len(order) * test_size)
    parts = []
    for array in arrays:
        take = array.iloc.__getitem__ if hasattr(array, "iloc") else np.asarray(array).__getitem__
        parts += [take(order[cut:]), take(order[:cut])]
    return parts


def cross_val_score(estimator, X, y, cv=3):
    X, y = np.asarray(X), np.asarray(y)
    scores = []
    for fold in np.array_split(np.arange(len(y)), cv):
        rest = np.setdiff1d(np.arange(len(y)), fold)
        scores.append(clone(estimator).fit(X[rest], y[rest]).score(X[fold], y[fold]))
    return np.array(scores)


class GridSearchCV(BaseEstimator):
    def __init__(self, estimator, param_grid, cv=3):
        self.estimator, self.param_grid, self.cv = estimator, param_grid, cv

    def fit(self, X, y):
        ((name, values),) = self.param_grid.items()
        scored = [
            (cross_val_score(clone(self.estimator).set_params(**{name: v}), X, y, self.cv).mean(), v) for v in values
        ]
        self.best_score_, best = max(scored)
        self.best_params_ = {name: best}
        self.best_estimator_ = clone(self.estimator).set_params(**self.best_params_).fit(X, y)
        return self

    def predict(self, X):
        return self.best_estimator_.predict(X)

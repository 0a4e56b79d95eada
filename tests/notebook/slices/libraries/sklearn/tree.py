import numpy as np

from .base import BaseEstimator


class DecisionTreeClassifier(BaseEstimator):
    def __init__(self, max_depth=None, random_state=None):
        self.max_depth, self.random_state = max_depth, random_state

    def fit(self, X, y):
        X, y = np.asarray(X, dtype=float), np.asarray(y)
        best = (-1.0, 0, 0.0, False)
        for column in range(X.shape[1]):
            for cut in np.unique(X[:, column]):
                right = float((((X[:, column] > cut) == y).mean()))
                best = max(best, (right, column, float(cut), False), (1 - right, column, float(cut), True))
        self.score_, self.column_, self.cut_, self.flipped_ = best
        self.feature_importances_ = np.eye(X.shape[1])[self.column_]
        return self

    def predict(self, X):
        return ((np.asarray(X, dtype=float)[:, self.column_] > self.cut_) ^ self.flipped_).astype(int)

    def score(self, X, y):
        return float((self.predict(X) == np.asarray(y)).mean())

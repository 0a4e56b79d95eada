import numpy as np

from .base import BaseEstimator


class LinearRegression(BaseEstimator):
    def __init__(self, fit_intercept=True):
        self.fit_intercept = fit_intercept

    def _wide(self, X):
        X = np.asarray(X, dtype=float)
        return np.column_stack([X, np.ones(len(X))]) if self.fit_intercept else X

    def fit(self, X, y):
        found = np.linalg.lstsq(self._wide(X), np.asarray(y, dtype=float), rcond=None)[0].round(9)
        self.coef_, self.intercept_ = (found[:-1], found[-1]) if self.fit_intercept else (found, 0.0)
        return self

    def predict(self, X):
        return (np.asarray(X, dtype=float) @ self.coef_ + self.intercept_).round(9)

    def score(self, X, y):
        y = np.asarray(y, dtype=float)
        return 1 - ((y - self.predict(X)) ** 2).sum() / ((y - y.mean()) ** 2).sum()


class Ridge(LinearRegression):
    def __init__(self, alpha=1.0):
        self.alpha, self.fit_intercept = alpha, True

    def fit(self, X, y):
        wide = self._wide(X)
        found = np.linalg.solve(wide.T @ wide + self.alpha * np.eye(wide.shape[1]), wide.T @ np.asarray(y, dtype=float))
        self.coef_, self.intercept_ = found[:-1].round(9), found[-1].round(9)
        return self


class LogisticRegression(BaseEstimator):
    def __init__(self, C=1.0, max_iter=50):
        self.C, self.max_iter = C, max_iter

    def fit(self, X, y):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        weights = np.zeros(X.shape[1] + 1)
        wide = np.column_stack([X, np.ones(len(X))])
        for _ in range(self.max_iter):
            weights -= 0.1 * wide.T @ (1 / (1 + np.exp(-wide @ weights)) - y) / len(y)
        self.coef_, self.intercept_ = weights[:-1].round(9), weights[-1].round(9)
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-(np.asarray(X, dtype=float) @ self.coef_ + self.intercept_)))
        return np.column_stack([1 - p, p]).round(9)

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)

    def score(self, X, y):
        return float((self.predict(X) == np.asarray(y)).mean())

import numpy as np

from .base import BaseEstimator, TransformerMixin


class StandardScaler(TransformerMixin, BaseEstimator):
    def __init__(self, with_mean=True):
        self.with_mean = with_mean

    def fit(self, X, y=None):
        X = np.asarray(X, dtype=float)
        self.mean_, self.scale_ = X.mean(axis=0).round(9), X.std(axis=0).round(9)
        return self

    def transform(self, X):
        return (np.asarray(X, dtype=float) - self.mean_) / self.scale_


class LabelEncoder(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.classes_ = sorted(set(X))
        return self

    def transform(self, X):
        return np.array([self.classes_.index(x) for x in X])

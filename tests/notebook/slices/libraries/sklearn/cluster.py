import numpy as np

from .base import BaseEstimator


class KMeans(BaseEstimator):
    def __init__(self, n_clusters=2, random_state=None):
        self.n_clusters, self.random_state = n_clusters, random_state

    def fit(self, X, y=None):
        X = np.asarray(X, dtype=float)
        centers = X[np.linspace(0, len(X) - 1, self.n_clusters).astype(int)].copy()
        for _ in range(10):
            labels = ((X[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
            centers = np.array(
                [X[labels == k].mean(axis=0) if (labels == k).any() else centers[k] for k in range(len(centers))]
            )
        self.labels_, self.cluster_centers_ = labels, centers.round(9)
        self.inertia_ = float(((X - centers[labels]) ** 2).sum().round(9))
        return self

    def predict(self, X):
        return ((np.asarray(X, dtype=float)[:, None] - self.cluster_centers_) ** 2).sum(axis=2).argmin(axis=1)

    def fit_predict(self, X, y=None):
        return self.fit(X).labels_

from .base import BaseEstimator


class Pipeline(BaseEstimator):
    def __init__(self, steps):
        self.steps = steps

    def fit(self, X, y=None):
        for _, step in self.steps[:-1]:
            X = step.fit_transform(X, y)
        self.steps[-1][1].fit(X, y)
        return self

    def predict(self, X):
        for _, step in self.steps[:-1]:
            X = step.transform(X)
        return self.steps[-1][1].predict(X)

    @property
    def named_steps(self):
        return dict(self.steps)


def make_pipeline(*steps):
    return Pipeline([(type(step).__name__.lower(), step) for step in steps])

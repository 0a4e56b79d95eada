import inspect


class BaseEstimator:
    def get_params(self, deep=True):
        return {
            name: getattr(self, name) for name in inspect.signature(type(self).__init__).parameters if name != "self"
        }

    def set_params(self, **params):
        for name, value in params.items():
            setattr(self, name, value)
        return self


class TransformerMixin:
    def fit_transform(self, X, y=None):
        return self.fit(X, y).transform(X)


def clone(estimator):
    return type(estimator)(**estimator.get_params())
